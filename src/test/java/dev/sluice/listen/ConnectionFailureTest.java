package dev.sluice.listen;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.event.Framer;
import dev.sluice.event.Protocol;
import dev.sluice.event.ProtocolDetector;
import dev.sluice.listen.admission.Limits;
import dev.sluice.listen.intake.FramedRead;
import dev.sluice.listen.intake.Framing;
import dev.sluice.listen.intake.Lines;
import dev.sluice.listen.report.ListenObserver.CloseReason;
import dev.sluice.testing.Await;
import java.net.Socket;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a failure of Sluice itself makes of one connection. */
class ConnectionFailureTest {

    private static final String GOOD = "an event\n";
    private static final String BAD = "?\n";

    private final Queue<Throwable> uncaught = new ConcurrentLinkedQueue<>();
    private Thread.@Nullable UncaughtExceptionHandler before;

    @BeforeEach
    void catchErrors() {
        before = Thread.getDefaultUncaughtExceptionHandler();
        Thread.setDefaultUncaughtExceptionHandler((thread, error) -> uncaught.add(error));
    }

    @AfterEach
    void restore() {
        Thread.setDefaultUncaughtExceptionHandler(before);
    }

    @Test
    void aBugClosesTheConnectionThatMetItAndNoOther() throws Exception {
        try (Listening sluice = listening(new IllegalStateException("of the test"))) {
            Socket other = sluice.connect();
            Socket met = sluice.connect();
            send(met, GOOD + BAD);
            assertThat(met.getInputStream().read()).isEqualTo(-1);
            Await.until("closed", () -> sluice.observer.closed.contains(CloseReason.INTERNAL_ERROR));
            send(other, GOOD);
            Await.until("stored", () -> sluice.stored.get() >= 1);
            assertThat(sluice.observer.closed).containsExactly(CloseReason.INTERNAL_ERROR);
            assertThat(sluice.listener.connections()).isOne();
            assertThat(uncaught).isEmpty();
        }
    }

    @Test
    void anErrorReachesTheHandlerOfUncaughtExceptions() throws Exception {
        StackOverflowError error = new StackOverflowError("of the test");
        try (Listening sluice = listening(error)) {
            send(sluice.connect(), BAD);
            Await.until("told", () -> !uncaught.isEmpty());
            assertThat(uncaught).containsExactly(error);
            Await.until("closed", () -> sluice.observer.closed.contains(CloseReason.INTERNAL_ERROR));
        }
    }

    /** A task of an event loop that fails leaves nothing but a line in Netty's log. */
    @Test
    void aBugInATaskClosesTheConnectionToo() throws Exception {
        IllegalStateException bug = new IllegalStateException("of the test");
        try (Listening sluice = listening(bug)) {
            Socket shipper = sluice.connect();
            send(shipper, GOOD.repeat(3 * FramedRead.FRAMES_MAX) + BAD); // framed in tasks, after the read
            assertThat(shipper.getInputStream().readAllBytes()).isEmpty();
            Await.until("closed", () -> sluice.observer.closed.contains(CloseReason.INTERNAL_ERROR));
        }
    }

    private static Listening listening(Throwable failure) {
        Framing framing = new Framing() {
            @Override
            public ProtocolDetector detector() {
                return Lines.FRAMING.detector();
            }

            @Override
            public Framer framer(Protocol protocol) {
                return failing(Lines.FRAMING.framer(protocol), failure);
            }
        };
        return new Listening(Limits.ofConnections(10), framing, null);
    }

    private static Framer failing(Framer lines, Throwable failure) {
        return new Framer() {
            @Override
            public Found next(byte[] bytes, int from, int to, Frame frame) {
                if (from < to && bytes[from] == '?') {
                    throw ConnectionFailureTest.<RuntimeException>unchecked(failure);
                }
                return lines.next(bytes, from, to, frame);
            }

            @Override
            public Found last(byte[] bytes, int from, int to, Frame frame) {
                return next(bytes, from, to, frame);
            }
        };
    }

    @SuppressWarnings("unchecked")
    private static <T extends Throwable> T unchecked(Throwable failure) throws T {
        throw (T) failure;
    }

    private static void send(Socket shipper, String text) throws Exception {
        shipper.getOutputStream().write(text.getBytes(US_ASCII));
        shipper.getOutputStream().flush();
    }
}
