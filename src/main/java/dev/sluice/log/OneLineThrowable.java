package dev.sluice.log;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Prints as another one does, with messages that are {@linkplain OneLine one line}; never thrown. */
final class OneLineThrowable extends Throwable {

    private static final long serialVersionUID = 1L;

    private final String text;

    private OneLineThrowable(Throwable original, Set<Throwable> before) {
        super(OneLine.ofNullable(original.getMessage()), cause(original, before));
        text = OneLine.of(original.toString());
        setStackTrace(original.getStackTrace());
        for (Throwable each : original.getSuppressed()) {
            if (before.add(each)) {
                addSuppressed(new OneLineThrowable(each, before));
            }
        }
    }

    static OneLineThrowable of(Throwable original) {
        Set<Throwable> before = Collections.newSetFromMap(new IdentityHashMap<>());
        before.add(original);
        return new OneLineThrowable(original, before);
    }

    /** One that is a cause of itself ends there. */
    private static @Nullable Throwable cause(Throwable original, Set<Throwable> before) {
        Throwable cause = original.getCause();
        return cause == null || !before.add(cause) ? null : new OneLineThrowable(cause, before);
    }

    @Override
    @SuppressWarnings("OverrideThrowableToString") // the class that it names is that of the other one
    public String toString() {
        return text;
    }
}
