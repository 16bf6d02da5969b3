package dev.sluice.testing;

import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassFile.ClassHierarchyResolverOption;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.Label;
import java.lang.classfile.Opcode;
import java.lang.classfile.instruction.ArrayLoadInstruction;
import java.lang.classfile.instruction.BranchInstruction;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.classfile.instruction.LabelTarget;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.util.HashSet;
import java.util.Set;

/**
 * Loads code anew with every step of it counted in {@link Steps}: each turn of a loop, each read of an array, each byte
 * that is copied or compared. So a test can say how much work a text makes, whatever else the machine does meanwhile.
 */
public final class CountingLoader extends ClassLoader {

    private static final ClassDesc STEPS = Steps.class.describeConstable().orElseThrow();
    private static final MethodTypeDesc NOTHING = MethodTypeDesc.of(ConstantDescs.CD_void);
    private static final String OWN = Steps.class.getPackageName() + ".";

    private final String[] packages;
    private final ClassFile classFile;

    /** Counts the steps of the classes in {@code packages} and below, all others are the usual ones. */
    public CountingLoader(String... packages) {
        super(CountingLoader.class.getClassLoader());
        this.packages = packages.clone();
        classFile = ClassFile.of(ClassHierarchyResolverOption.of(ClassHierarchyResolver.ofResourceParsing(getParent())
                .orElse(ClassHierarchyResolver.defaultResolver())));
    }

    /** An instance of the counted twin of a class, made by its constructor without parameters. */
    public Object make(Class<?> of) throws ReflectiveOperationException {
        var constructor = loadClass(of.getName()).getDeclaredConstructor();
        constructor.setAccessible(true);
        return constructor.newInstance();
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        synchronized (getClassLoadingLock(name)) {
            Class<?> known = findLoadedClass(name);
            if (known != null) {
                return known;
            }
            return isCounted(name) ? counted(name) : super.loadClass(name, resolve);
        }
    }

    private boolean isCounted(String name) {
        boolean counted = false;
        for (String each : packages) {
            counted |= name.startsWith(each + ".") && !name.startsWith(OWN);
        }
        return counted;
    }

    private Class<?> counted(String name) throws ClassNotFoundException {
        try (InputStream in = getParent().getResourceAsStream(name.replace('.', '/') + ".class")) {
            if (in == null) {
                throw new ClassNotFoundException(name);
            }
            byte[] bytes = classFile.transformClass(
                    classFile.parse(in.readAllBytes()),
                    ClassTransform.transformingMethodBodies(CodeTransform.ofStateful(Counting::new)));
            return defineClass(name, bytes, 0, bytes.length);
        } catch (IOException e) {
            throw new ClassNotFoundException(name, e);
        }
    }

    /** Puts the counting into one method. */
    private static final class Counting implements CodeTransform {

        private final Set<Label> passed = new HashSet<>();

        @Override
        public void accept(CodeBuilder builder, CodeElement element) {
            switch (element) {
                case LabelTarget target -> passed.add(target.label());
                case BranchInstruction branch when passed.contains(branch.target()) -> step(builder);
                case ArrayLoadInstruction _ -> step(builder);
                default -> {
                    // no step
                }
            }
            if (element instanceof InvokeInstruction call
                    && call.opcode() == Opcode.INVOKESTATIC
                    && Steps.counts(call.owner().asInternalName(), call.name().stringValue(), call.typeSymbol())) {
                builder.invokestatic(STEPS, call.name().stringValue(), call.typeSymbol());
            } else {
                builder.with(element);
            }
        }

        private static void step(CodeBuilder builder) {
            builder.invokestatic(STEPS, "step", NOTHING);
        }
    }
}
