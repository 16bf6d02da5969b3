package dev.sluice.exit;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class FatalErrorsTest {

    private final ProcessExit exit = new ProcessExit(Duration.ZERO, () -> {}, () -> {});
    private final FatalErrors errors = new FatalErrors(exit);
    private final LoggerContext log = new LoggerContext();
    private final Logger logger = log.getLogger("io.netty.some.Logger");

    @Test
    void anErrorThatOnlyTheLogSawEndsTheProcess() {
        errors.watch(log);
        logger.warn("A task raised an exception. Task: {}", "a task", new StackOverflowError());
        assertThat(exit.hasBegun()).isTrue();
    }

    @Test
    void aLineThatIsNotWrittenCounts() {
        errors.watch(log);
        logger.setLevel(Level.OFF);
        logger.warn("An exception was thrown", new AssertionError());
        assertThat(exit.hasBegun()).isTrue();
    }

    @Test
    void anErrorInsideOfAnExceptionCounts() {
        errors.watch(log);
        logger.error("{} {} {}", 1, 2, 3, new CompletionException(new LinkageError()));
        assertThat(exit.hasBegun()).isTrue();
    }

    @Test
    void exceptionsAndWhatIsLookedForInVainDoNotCount() {
        errors.watch(log);
        logger.error("broken", new IOException("Connection reset by peer"));
        logger.warn("no native transport", new UnsatisfiedLinkError());
        logger.debug("not there", new NoClassDefFoundError());
        logger.warn("no throwable {}", new Object());
        logger.warn("nothing at all");
        assertThat(exit.hasBegun()).isFalse();
    }

    /** What {@link LoggedErrors} rests on; should Netty do otherwise one day, this says so. */
    @Test
    void nettyGivesToTheLogWhatATaskThrows() throws Exception {
        EventLoopGroup executor = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        LoggerContext real = (LoggerContext) LoggerFactory.getILoggerFactory();
        Logger netty = real.getLogger("io.netty");
        Level before = netty.getLevel();
        errors.watch(real);
        netty.setLevel(Level.OFF); // an operator may have switched it off
        try {
            executor.execute(() -> {
                throw new AssertionError("of the test");
            });
            executor.submit(() -> {}).sync();
            assertThat(exit.hasBegun()).isTrue();
        } finally {
            netty.setLevel(before);
            real.getTurboFilterList().removeIf(LoggedErrors.class::isInstance);
            executor.shutdownGracefully();
        }
    }

    @Test
    void anExceptionEndsOnlyTheThreadsThatHaveToGoOn() {
        errors.uncaught(new Thread("file-watcher"), new IllegalStateException("of the test"));
        assertThat(exit.hasBegun()).isFalse();
        errors.uncaught(new Thread("sluice-rail-1"), new IllegalStateException("of the test"));
        assertThat(exit.hasBegun()).isTrue();
    }

    @Test
    void anErrorEndsEveryThread() {
        errors.uncaught(new Thread("any"), new OutOfMemoryError("of the test"));
        assertThat(exit.hasBegun()).isTrue();
    }
}
