package dev.sluice.listen.connection;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.sluice.listen.admission.Gate;
import dev.sluice.listen.admission.Limits;
import dev.sluice.listen.admission.ProxyGate;
import dev.sluice.listen.report.ListenObserver.CloseReason;
import dev.sluice.listen.report.StrayClients;
import dev.sluice.listen.tls.TlsCredentials;
import dev.sluice.listen.tls.TlsGate;
import dev.sluice.listen.tls.TlsMaterial;
import dev.sluice.listen.tls.TlsSettings;
import dev.sluice.testing.TestAuthority;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import javax.net.ssl.SSLException;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Any bytes before anybody is known: a proxy's header and the records of TLS. They are read to the same end however
 * they were cut into reads, and hold nothing that is not in the budget when the connection is gone.
 */
class GateFuzzTest {

    private static final TestAuthority AUTHORITY = new TestAuthority("authority");
    private static final Gate PROXY = new ProxyGate(List.of());
    private static final byte[] EVENT = "one\n".getBytes(ISO_8859_1);

    private static final Gate TLS = new TlsGate(
            new TlsCredentials(
                    new TlsSettings(false, TlsSettings.ClientAuth.NONE, Duration.ofSeconds(10)),
                    new TlsMaterial(AUTHORITY.server().keys(), AUTHORITY.trust(), List.of(), List.of())),
            Limits.Times.UNLIMITED,
            new StrayClients("main", System::nanoTime));

    private static final SslContext CLIENT = client();

    @MethodSource("headers")
    @FuzzTest(maxDuration = "30s")
    void proxyHeader(byte[] stream) {
        FuzzedConnection.Outcome whole = outcome(PROXY, stream, Math.max(1, stream.length));
        assertThat(outcome(PROXY, stream, 1)).isEqualTo(whole);
        assertThat(outcome(PROXY, stream, 7)).isEqualTo(whole);
    }

    /** Instead of a handshake. */
    @MethodSource("hellos")
    @FuzzTest(maxDuration = "30s")
    void tlsHello(byte[] stream) {
        FuzzedConnection.Outcome whole = outcome(TLS, stream, Math.max(1, stream.length));
        assertThat(outcome(TLS, stream, 1)).isEqualTo(whole);
        assertThat(whole.sources()).isEmpty();
    }

    /** After a handshake and an event. */
    @MethodSource("records")
    @FuzzTest(maxDuration = "30s")
    void tlsRecords(byte[] stream) {
        FuzzedConnection.Outcome whole = afterHandshake(stream, Math.max(1, stream.length));
        assertThat(afterHandshake(stream, 1)).isEqualTo(whole);
        assertThat(whole.sources()).containsExactly("10.9.9.9");
        assertThat(whole.closed()).doesNotContain(CloseReason.INTERNAL_ERROR);
    }

    static List<byte[]> headers() {
        String signature = "0d0a0d0a000d0a515549540a";
        return List.of(
                "PROXY TCP4 10.1.2.3 192.168.0.1 50000 5140\r\none\n".getBytes(ISO_8859_1),
                "PROXY TCP6 2001:db8::1 ::1 50000 5140\r\n".getBytes(ISO_8859_1),
                "PROXY UNKNOWN\r\none\ntwo\n".getBytes(ISO_8859_1),
                hex(signature + "2111000c" + "0a010203c0a80001c3501414" + "6f6e650a"),
                hex(signature + "2121000f" + "20010db8000000000000000000000001".repeat(2) + "c3501414"),
                hex(signature + "20000000" + "6f6e650a"),
                hex(signature + "21110013" + "0a010203c0a80001c3501414" + "040004aabbccdd" + "6f6e650a"));
    }

    static List<byte[]> hellos() {
        EmbeddedChannel client = new EmbeddedChannel(CLIENT.newHandler(ByteBufAllocator.DEFAULT));
        ByteBuf hello = client.readOutbound();
        byte[] bytes = new byte[hello.readableBytes()];
        hello.readBytes(bytes).release();
        client.finishAndReleaseAll();
        return List.of(
                bytes,
                hex("16030100ff0100"),
                hex("15030300020100"),
                EVENT,
                hex("16030300001603030000"),
                hex("1603030000ebfcfcef00"),
                hex("16030000038116031603000000"));
    }

    static List<byte[]> records() {
        return List.of(
                hex("1703030013" + "00".repeat(19)),
                hex("15030300020100"),
                hex("1703030000".repeat(3)),
                hex("16030300040e000000"),
                hex("17030348ff00"),
                EVENT);
    }

    private static FuzzedConnection.Outcome outcome(Gate gate, byte[] stream, int piece) {
        return closed(new FuzzedConnection(gate), stream, piece);
    }

    private static FuzzedConnection.Outcome afterHandshake(byte[] stream, int piece) {
        FuzzedConnection connection = new FuzzedConnection(TLS);
        EmbeddedChannel client = new EmbeddedChannel(CLIENT.newHandler(ByteBufAllocator.DEFAULT));
        client.writeOneOutbound(Unpooled.copiedBuffer(EVENT));
        client.flushOutbound();
        for (boolean moved = true; moved; ) {
            moved = move(client, connection.channel) | move(connection.channel, client);
        }
        try {
            return closed(connection, stream, piece);
        } finally {
            client.finishAndReleaseAll();
        }
    }

    private static boolean move(EmbeddedChannel from, EmbeddedChannel to) {
        boolean moved = false;
        for (ByteBuf next = from.readOutbound(); next != null; next = from.readOutbound()) {
            moved = true;
            to.writeInbound(next);
        }
        return moved;
    }

    private static FuzzedConnection.Outcome closed(FuzzedConnection connection, byte[] stream, int piece) {
        connection.readInPieces(stream, piece);
        FuzzedConnection.Outcome outcome = connection.close();
        assertThat(outcome.refused().size() + outcome.closed().size()).isEqualTo(1);
        assertThat(connection.budget.inFlight()).isZero();
        return outcome;
    }

    private static SslContext client() {
        try {
            return SslContextBuilder.forClient()
                    .trustManager(AUTHORITY.trust())
                    .endpointIdentificationAlgorithm(null) // there is no address to connect to
                    .build();
        } catch (SSLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] hex(String bytes) {
        return HexFormat.of().parseHex(bytes);
    }
}
