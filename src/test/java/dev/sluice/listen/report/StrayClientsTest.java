package dev.sluice.listen.report;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.spi.ILoggingEvent;
import dev.sluice.event.FirstBytes;
import dev.sluice.event.Framer;
import dev.sluice.event.Protocol;
import dev.sluice.event.ProtocolDetector;
import dev.sluice.listen.Listening;
import dev.sluice.listen.admission.Limits;
import dev.sluice.listen.intake.Framing;
import dev.sluice.listen.report.ListenObserver.CloseReason;
import dev.sluice.listen.report.ListenObserver.Discard;
import dev.sluice.protocol.MsgPackBytes;
import dev.sluice.protocol.Protocols;
import dev.sluice.protocol.forward.ForwardFramer;
import dev.sluice.protocol.forward.ForwardHandshake;
import dev.sluice.protocol.forward.ForwardLimits;
import dev.sluice.protocol.forward.ForwardSecurity;
import dev.sluice.testing.Await;
import dev.sluice.testing.LogLines;
import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class StrayClientsTest {

    private static final byte[] HELLO = HexFormat.of().parseHex("160301007a010000760303" + "20".repeat(113));
    private static final Limits UNLIMITED = Limits.ofConnections(100);

    private final AtomicLong now = new AtomicLong(-5);

    @RegisterExtension
    final LogLines lines = new LogLines(StrayClients.class);

    @ParameterizedTest
    @EnumSource(Protocol.class)
    void aHelloOfTlsIsNoEventWhateverThePortSpeaks(Protocol only) throws IOException {
        try (Listening listening = new Listening(UNLIMITED, speaking(only), null)) {
            Socket client = listening.connect();
            client.getOutputStream().write(HELLO, 0, 1);
            Await.until("read", () -> listening.observer.bytes.get() == 1);
            client.getOutputStream().write(HELLO, 1, HELLO.length - 1);
            Await.until("closed", () -> listening.observer.closed.contains(CloseReason.TLS_HELLO));
            assertThat(listening.observer.events).hasValue(0);
            assertThat(listening.observer.discarded).containsEntry(Discard.PROTOCOL_ERROR, (long) HELLO.length);
            assertThat(listening.budget.inFlight()).isZero();
            assertThat(lines.list())
                    .singleElement()
                    .satisfies(line -> assertThat(line.getFormattedMessage())
                            .startsWith("TLS on the plain port main, from 127.0.0.1: the connection is closed; set"
                                    + " sluice.listeners.main.tls.bundle"));
        }
    }

    @Test
    void aHealthCheckByHttpIsAnsweredAndNoEvent() throws IOException {
        try (Listening listening = new Listening(UNLIMITED, speaking(null), null)) {
            Socket client = listening.connect();
            client.getOutputStream().write("GET /health HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(US_ASCII));
            String answer = new String(client.getInputStream().readAllBytes(), US_ASCII);
            assertThat(answer).startsWith("HTTP/1.1 400 Bad Request\r\n").contains("takes log events");
            String[] parts = answer.split("\r\n\r\n", 2);
            assertThat(parts[0]).contains("Content-Length: " + parts[1].length());
            Await.until("closed", () -> listening.observer.closed.contains(CloseReason.HTTP_REQUEST));
            assertThat(listening.observer.events).hasValue(0);
        }
    }

    /** What it sends is too little to tell, and the end of the stream tells. */
    @Test
    void theBeginningOfAWordIsAnEventWhenNothingFollows() throws IOException {
        try (Listening listening = new Listening(UNLIMITED, speaking(null), null)) {
            Socket client = listening.connect();
            client.getOutputStream().write("GET".getBytes(US_ASCII));
            client.shutdownOutput();
            Await.until("stored", () -> listening.stored.get() == 1);
            Await.until("closed", () -> listening.observer.closed.contains(CloseReason.SHIPPER));
        }
    }

    @Test
    void aLineOfEachKindInTenMinutes() {
        StrayClients strays = new StrayClients("apps", now::get);
        for (int i = 0; i < 100; i++) {
            strays.cameFrom("10.0.0." + i, FirstBytes.SSH);
            strays.cameFrom("10.0.1." + i, FirstBytes.SHIPPER);
        }
        assertThat(lines.list())
                .extracting(ILoggingEvent::getFormattedMessage)
                .containsExactly(
                        "SSH on the port for log events apps, from 10.0.0.0: the connection is closed; it is no shipper;"
                                + " 0 others since the last such line",
                        "Plain text on the TLS port apps, from 10.0.1.0: the connection is closed; have it send with"
                                + " TLS, or set sluice.listeners.apps.tls.mode: optional; 0 others since the last such"
                                + " line");
        now.addAndGet(Duration.ofMinutes(10).toNanos());
        strays.cameFrom("10.0.0.3", FirstBytes.SSH);
        assertThat(lines.list().getLast().getFormattedMessage()).contains("10.0.0.3", "99 others");
    }

    /** Its shipper sends again and again, so that nobody sees it but by the reason. */
    @Test
    void aWrongKeyOfForwardIsCountedAndSaid() throws IOException {
        byte[] guess = MsgPackBytes.array("PING", "shipper-1", "salt", "0".repeat(128), "", "");
        refusedAfter(guess);
    }

    @Test
    void eventsInsteadOfAProofAreCountedAndSaid() throws IOException {
        refusedAfter(MsgPackBytes.array("app", 1, Map.of("message", "no key")));
    }

    private void refusedAfter(byte[] first) throws IOException {
        ForwardSecurity security = new ForwardSecurity("key", Map.of());
        Framing framing = speaking(
                Protocol.FORWARD, protocol -> new ForwardFramer(ForwardLimits.DEFAULT, new ForwardHandshake(security)));
        try (Listening listening = new Listening(UNLIMITED, framing, null)) {
            Socket client = listening.connect();
            client.getOutputStream().write(first);
            client.getInputStream().readAllBytes();
            Await.until("closed", () -> listening.observer.closed.contains(CloseReason.UNAUTHORIZED));
            assertThat(listening.observer.events).hasValue(0);
            assertThat(lines.list())
                    .singleElement()
                    .satisfies(line -> assertThat(line.getFormattedMessage())
                            .isEqualTo("Forward without the right shared key or password on main, from 127.0.0.1: the"
                                    + " connection is closed; compare those of the shipper with"
                                    + " sluice.listeners.main.forward; 0 others since the last such line"));
        }
    }

    private static Framing speaking(@Nullable Protocol only) {
        Protocols protocols = new Protocols(ZoneOffset.UTC, 64);
        return speaking(only, protocol -> protocols.framer(protocol, 1 << 16));
    }

    private static Framing speaking(@Nullable Protocol only, Function<Protocol, Framer> framers) {
        Protocols protocols = new Protocols(ZoneOffset.UTC, 64);
        return new Framing() {
            @Override
            public FirstBytes firstBytes(byte[] bytes, int from, int to) {
                return protocols.firstBytes(bytes, from, to);
            }

            @Override
            public ProtocolDetector detector() {
                return only == null ? protocols.detector() : (bytes, from, to, last) -> only;
            }

            @Override
            public Framer framer(Protocol protocol) {
                return framers.apply(protocol);
            }
        };
    }
}
