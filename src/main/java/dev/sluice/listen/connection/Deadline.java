package dev.sluice.listen.connection;

/** Something that is due at a time, or nothing. It knows no clock; times are those of {@link System#nanoTime}. */
final class Deadline {

    /** How long until nothing is due. */
    static final long NEVER = Long.MAX_VALUE;

    private boolean isSet;
    private long atNanos;

    /** It is due in {@code nanos} from {@code nowNanos}. */
    void set(long nanos, long nowNanos) {
        isSet = true;
        atNanos = nowNanos + nanos;
    }

    void clear() {
        isSet = false;
    }

    boolean isSet() {
        return isSet;
    }

    /** How long until it is due; 0 or less when it is. */
    long dueIn(long nowNanos) {
        return isSet ? atNanos - nowNanos : NEVER;
    }

    boolean isDue(long nowNanos) {
        return dueIn(nowNanos) <= 0;
    }
}
