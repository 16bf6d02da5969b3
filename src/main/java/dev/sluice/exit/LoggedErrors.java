package dev.sluice.exit;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.turbo.TurboFilter;
import ch.qos.logback.core.spi.FilterReply;
import org.jspecify.annotations.Nullable;
import org.slf4j.Marker;

/**
 * Sees every {@link Error} that is given to the log as a warning or worse, whether the line is written or not. Netty
 * does nothing else with what a task, a listener or an {@code exceptionCaught} throws
 * ({@code AbstractEventExecutor.safeExecute}, {@code DefaultPromise.notifyListener0},
 * {@code AbstractChannelHandlerContext.invokeExceptionCaught}), nor with what ends an event loop.
 */
final class LoggedErrors extends TurboFilter {

    private final FatalErrors errors;

    LoggedErrors(FatalErrors errors) {
        this.errors = errors;
    }

    @Override
    public FilterReply decide(
            @Nullable Marker marker,
            Logger logger,
            Level level,
            @Nullable String format,
            Object @Nullable [] parameters,
            @Nullable Throwable thrown) {
        if (level.isGreaterOrEqual(Level.WARN)) {
            if (isQuestion(format, thrown) && logger.getName().startsWith("io.netty.")) {
                return FilterReply.ACCEPT; // or Netty would not even hand over the line; it is asked again with that
            }
            Throwable given = thrown != null ? thrown : last(parameters);
            if (given != null && !isMissingLibrary(given)) {
                errors.endOnError(given);
            }
        }
        return FilterReply.NEUTRAL;
    }

    /** Whether it is only asked if such a line would be written. */
    private static boolean isQuestion(@Nullable String format, @Nullable Throwable thrown) {
        return format == null && thrown == null;
    }

    /** With two parameters and more the throwable is the last of them. */
    private static @Nullable Throwable last(Object @Nullable [] parameters) {
        return parameters != null
                        && parameters.length > 0
                        && parameters[parameters.length - 1] instanceof Throwable throwable
                ? throwable
                : null;
    }

    /** Netty says of its native parts that they are missing, and goes on without them. */
    private static boolean isMissingLibrary(Throwable given) {
        return given instanceof UnsatisfiedLinkError;
    }
}
