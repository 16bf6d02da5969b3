package dev.sluice.testing;

import java.lang.constant.MethodTypeDesc;
import java.util.Arrays;
import java.util.Set;

/** The steps of code that a {@link CountingLoader} loaded. Counts those of all threads; of one test at a time. */
public final class Steps {

    private static final Set<String> TWINS = Set.of(
            "java/lang/System.arraycopy(Object,int,Object,int,int)void",
            "java/util/Arrays.copyOf(byte[],int)byte[]",
            "java/util/Arrays.copyOfRange(byte[],int,int)byte[]",
            "java/util/Arrays.equals(byte[],int,int,byte[],int,int)boolean");

    private static long steps;

    private Steps() {}

    /** How many steps {@code code} takes. */
    public static long of(Runnable code) {
        long before = steps;
        code.run();
        return steps - before;
    }

    /** Whether a static method has a twin here, which is called instead. */
    static boolean counts(String owner, String name, MethodTypeDesc type) {
        return TWINS.contains(owner + "." + name + type.displayDescriptor());
    }

    /** A turn of a loop, or a read of an array. */
    public static void step() {
        steps++;
    }

    /** Copies as {@link System#arraycopy} does. */
    @SuppressWarnings("SuspiciousSystemArraycopy") // only passed on
    public static void arraycopy(Object from, int at, Object to, int place, int length) {
        steps += length;
        System.arraycopy(from, at, to, place, length);
    }

    /** Copies as {@link Arrays#copyOf} does. */
    public static byte[] copyOf(byte[] bytes, int length) {
        steps += Math.min(bytes.length, length);
        return Arrays.copyOf(bytes, length);
    }

    /** Copies as {@link Arrays#copyOfRange} does. */
    public static byte[] copyOfRange(byte[] bytes, int from, int to) {
        steps += to - from;
        return Arrays.copyOfRange(bytes, from, to);
    }

    /** Compares as {@link Arrays#equals} does. */
    public static boolean equals(byte[] a, int aFrom, int aTo, byte[] b, int bFrom, int bTo) {
        steps += Math.min(aTo - aFrom, bTo - bFrom);
        return Arrays.equals(a, aFrom, aTo, b, bFrom, bTo);
    }
}
