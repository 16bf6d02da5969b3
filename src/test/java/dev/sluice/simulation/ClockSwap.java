package dev.sluice.simulation;

import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.constant.ClassDesc;
import java.util.Set;

/** Gives a class of the listener the clock of the simulation, which the real one has no need to be asked for. */
final class ClockSwap {

    private static final ClassDesc CLOCK = ClassDesc.of("dev.sluice.simulation.VirtualClock");
    private static final Set<String> CLOCKS = Set.of("java/lang/System.nanoTime", "java/time/Instant.now");

    private ClockSwap() {}

    static boolean isNeeded(String className) {
        return className.startsWith("dev.sluice.listen.") || className.startsWith("dev.sluice.process.");
    }

    static byte[] swapped(byte[] original) {
        ClassFile files = ClassFile.of();
        CodeTransform swap = (builder, element) -> {
            if (element instanceof InvokeInstruction invoke
                    && CLOCKS.contains(invoke.owner().asInternalName() + "."
                            + invoke.name().stringValue())) {
                builder.invokestatic(CLOCK, invoke.name().stringValue(), invoke.typeSymbol());
            } else {
                builder.with(element);
            }
        };
        return files.transformClass(files.parse(original), ClassTransform.transformingMethodBodies(swap));
    }
}
