package dev.sluice.simulation;

import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.MethodModel;
import java.lang.classfile.Opcode;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.lang.reflect.Modifier;

/**
 * A fault that is put into the code under test: in one class a call is replaced by that of a method of
 * {@code Mutations}, which has the name of the mutant and takes the same, the receiver first.
 *
 * @param name says what is wrong
 * @param within the class that calls, below {@code dev.sluice}
 * @param method how the name of the method begins that calls; empty for any
 * @param call the method that is called, after the simple name of its class; empty where nothing is changed
 * @param failure what the simulation says that finds it
 */
record Mutant(String name, String within, String method, String call, String failure) {

    private static final ClassDesc MUTATIONS = ClassDesc.of("dev.sluice.store.Mutations");

    static Mutant of(String name, String within, String call, String failure) {
        return new Mutant(name, within, "", call, failure);
    }

    /** One without a fault, which goes the same way. */
    static Mutant none() {
        return of("unchanged", "store.Lane", "", "");
    }

    String className() {
        return "dev.sluice." + within;
    }

    /** The class with its fault; fails where the code has no such call any more. */
    byte[] changed(byte[] original) {
        ClassFile files = ClassFile.of();
        int[] changes = {0};
        CodeTransform replace = (builder, element) -> {
            if (element instanceof InvokeInstruction invoke && called(invoke).equals(call)) {
                changes[0]++;
                builder.invokestatic(MUTATIONS, name, type(invoke));
            } else {
                builder.with(element);
            }
        };
        byte[] mutated = files.transformClass(
                files.parse(original), ClassTransform.transformingMethodBodies(this::isMeant, replace));
        if (changes[0] == 0 && !call.isEmpty()) {
            throw new IllegalStateException(name + ": nothing calls " + call + " in " + within + " any more");
        }
        return mutated;
    }

    private boolean isMeant(MethodModel model) {
        return model.methodName().stringValue().startsWith(method);
    }

    private static String called(InvokeInstruction invoke) {
        String owner = invoke.owner().asInternalName();
        return owner.substring(owner.lastIndexOf('/') + 1) + "." + invoke.name().stringValue();
    }

    private static MethodTypeDesc type(InvokeInstruction invoke) {
        MethodTypeDesc type = invoke.typeSymbol();
        ClassDesc owner = invoke.owner().asSymbol();
        return invoke.opcode() == Opcode.INVOKESTATIC
                ? type
                : type.insertParameterTypes(0, isSeen(owner) ? owner : ConstantDescs.CD_Object);
    }

    /** Whether the mutations can name it. */
    private static boolean isSeen(ClassDesc owner) {
        boolean isNested = owner.displayName().contains("$"); // and so perhaps private
        return !isNested && (owner.packageName().equals(MUTATIONS.packageName()) || isPublic(owner));
    }

    private static boolean isPublic(ClassDesc owner) {
        try {
            String name = owner.packageName() + "." + owner.displayName();
            return Modifier.isPublic(
                    Class.forName(name, false, Mutant.class.getClassLoader()).getModifiers());
        } catch (ClassNotFoundException missing) {
            throw new IllegalStateException(missing);
        }
    }

    @Override
    public String toString() {
        return name;
    }
}
