package dev.sluice.log;

import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.StackTraceElementProxy;
import ch.qos.logback.classic.spi.ThrowableProxy;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A throwable whose messages are {@linkplain OneLine one line}, those of its causes, too. It is one of Logback's own
 * kind, because Spring's printers of stack traces take no other, and print what that was made of.
 */
final class SafeThrowable extends ThrowableProxy {

    private final IThrowableProxy thrown;

    private SafeThrowable(IThrowableProxy thrown) {
        super(thrown instanceof ThrowableProxy own ? OneLineThrowable.of(own.getThrowable()) : new Throwable());
        this.thrown = thrown;
    }

    static @Nullable IThrowableProxy ofNullable(@Nullable IThrowableProxy thrown) {
        return thrown == null ? null : new SafeThrowable(thrown);
    }

    @Override
    public @Nullable String getMessage() {
        return OneLine.ofNullable(thrown.getMessage());
    }

    /** What its {@code toString} says where that is not its class and message. */
    @Override
    public @Nullable String getOverridingMessage() {
        return OneLine.ofNullable(thrown.getOverridingMessage());
    }

    @Override
    public String getClassName() {
        return thrown.getClassName();
    }

    @Override
    public StackTraceElementProxy[] getStackTraceElementProxyArray() {
        return thrown.getStackTraceElementProxyArray();
    }

    @Override
    public int getCommonFrames() {
        return thrown.getCommonFrames();
    }

    @Override
    public @Nullable IThrowableProxy getCause() {
        return ofNullable(thrown.getCause());
    }

    @Override
    public IThrowableProxy[] getSuppressed() {
        return Arrays.stream(thrown.getSuppressed()).map(SafeThrowable::new).toArray(IThrowableProxy[]::new);
    }

    @Override
    public boolean isCyclic() {
        return thrown.isCyclic();
    }
}
