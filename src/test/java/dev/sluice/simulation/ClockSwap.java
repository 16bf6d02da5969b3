package dev.sluice.simulation;

import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.Opcode;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.util.Set;

/** Gives a class of the listener the clock and the chance of the simulation, which it has no other need to be given. */
final class ClockSwap {

    private static final ClassDesc CLOCK = ClassDesc.of("dev.sluice.simulation.VirtualClock");
    private static final Set<String> SWAPPED = Set.of(
            "java/lang/System.nanoTime", "java/time/Instant.now", "java/util/concurrent/ThreadLocalRandom.nextDouble");

    private ClockSwap() {}

    static boolean isNeeded(String className) {
        return className.startsWith("dev.sluice.listen.") || className.startsWith("dev.sluice.process.");
    }

    static byte[] swapped(byte[] original) {
        ClassFile files = ClassFile.of();
        CodeTransform swap = (builder, element) -> {
            if (element instanceof InvokeInstruction invoke && SWAPPED.contains(nameOf(invoke))) {
                boolean isStatic = invoke.opcode() == Opcode.INVOKESTATIC;
                MethodTypeDesc type = invoke.typeSymbol();
                builder.invokestatic(
                        CLOCK,
                        invoke.name().stringValue(),
                        isStatic
                                ? type
                                : type.insertParameterTypes(0, invoke.owner().asSymbol()));
            } else {
                builder.with(element);
            }
        };
        return files.transformClass(files.parse(original), ClassTransform.transformingMethodBodies(swap));
    }

    private static String nameOf(InvokeInstruction invoke) {
        return invoke.owner().asInternalName() + "." + invoke.name().stringValue();
    }
}
