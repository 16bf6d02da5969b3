package dev.sluice.simulation;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.function.LongFunction;

/** Loads Sluice and its simulation once more, with a fault in it, and the listener with the simulation's clock. */
final class MutantLoader extends ClassLoader {

    private final Mutant mutant;

    MutantLoader(Mutant mutant) {
        super(MutantLoader.class.getClassLoader());
        this.mutant = mutant;
    }

    /** A world in which the mutant lives. */
    static World.Seeds world(Mutant mutant, World world) throws ReflectiveOperationException {
        Class<?> loaded = new MutantLoader(mutant).loadClass(World.class.getName());
        Object found = loaded.getEnumConstants()[world.ordinal()];
        return new World.Seeds((LongFunction<?>) found, (Runnable) found);
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        if (!name.startsWith("dev.sluice.") || name.startsWith("dev.sluice.testing.")) {
            return super.loadClass(name, resolve);
        }
        synchronized (getClassLoadingLock(name)) {
            Class<?> loaded = findLoadedClass(name);
            return loaded == null ? define(name) : loaded;
        }
    }

    private Class<?> define(String name) throws ClassNotFoundException {
        try (InputStream in = getParent().getResourceAsStream(name.replace('.', '/') + ".class")) {
            if (in == null) {
                throw new ClassNotFoundException(name);
            }
            byte[] read = in.readAllBytes();
            byte[] original = ClockSwap.isNeeded(name) ? ClockSwap.swapped(read) : read;
            byte[] bytes = name.equals(mutant.className()) ? mutant.changed(original) : original;
            return defineClass(name, bytes, 0, bytes.length);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
