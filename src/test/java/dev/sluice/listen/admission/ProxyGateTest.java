package dev.sluice.listen.admission;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.listen.Listening;
import dev.sluice.listen.budget.MemoryBudget;
import dev.sluice.listen.intake.Lines;
import dev.sluice.listen.report.ListenObserver.CloseReason;
import dev.sluice.listen.report.ListenObserver.Refusal;
import dev.sluice.testing.Await;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.haproxy.HAProxyMessageDecoder;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ProxyGateTest {

    private static final byte[] SIGNATURE = HexFormat.of().parseHex("0d0a0d0a000d0a515549540a");
    private static final Limits LIMITS = new Limits(
            100,
            1,
            List.of(Network.of("10.0.0.0/8"), Network.of("fd00::/8"), Network.of("127.0.0.1")),
            0,
            Limits.Times.UNLIMITED);

    private final Listening sluice = new Listening(LIMITS, Lines.FRAMING, List.of(Network.of("127.0.0.1")));

    @AfterEach
    void stop() throws IOException {
        sluice.close();
    }

    @ParameterizedTest
    @CsvSource({
        "PROXY TCP4 10.1.2.3 192.168.0.1 50000 5140, 10.1.2.3",
        "PROXY TCP6 fd00::7 fd00::1 50000 5140, fd00:0:0:0:0:0:0:7",
        "PROXY UNKNOWN, 127.0.0.1",
        "PROXY UNKNOWN ff:ff::1 ff:ff::2 1 2, 127.0.0.1",
    })
    void theHeaderOfVersion1TellsTheSource(String header, String source) throws IOException {
        sluice.connect().getOutputStream().write((header + "\r\none\ntwo\n").getBytes(US_ASCII));
        Await.until("stored", () -> sluice.stored.get() == 2);
        assertThat(sluice.sources).containsOnly(source);
    }

    @Test
    void theHeaderOfVersion1TellsTheSourceHoweverItIsCut() throws IOException {
        sendsInCrumbs("PROXY TCP4 10.1.2.3 192.168.0.1 50000 5140\r\none\ntwo\n".getBytes(US_ASCII));
    }

    @Test
    void theHeaderOfVersion2TellsTheSourceHoweverItIsCut() throws IOException {
        sendsInCrumbs(join(version2(0x21, 0x11, "10.1.2.3", new byte[300]), "one\ntwo\n".getBytes(US_ASCII)));
    }

    private void sendsInCrumbs(byte[] bytes) throws IOException {
        Socket socket = sluice.connect();
        socket.setTcpNoDelay(true);
        for (byte one : bytes) {
            socket.getOutputStream().write(one);
            Await.pause(1);
        }
        Await.until("stored", () -> sluice.stored.get() == 2);
        assertThat(sluice.sources).containsOnly("10.1.2.3");
    }

    @Test
    void aProxysOwnConnectionKeepsItsAddress() throws IOException {
        byte[] local = join(version2(0x20, 0x11, "10.1.2.3", new byte[0]), "one\n".getBytes(US_ASCII));
        sluice.connect().getOutputStream().write(local);
        Await.until("stored", () -> sluice.stored.get() == 1);
        assertThat(sluice.sources).containsOnly("127.0.0.1");
    }

    @Test
    void theLimitsLookAtTheClientOfTheProxy() throws IOException {
        assertThat(isClosed(begin("PROXY TCP4 203.0.113.9 192.168.0.1 50000 5140\r\n")))
                .isTrue();
        begin("PROXY TCP4 10.1.2.3 192.168.0.1 50000 5140\r\none\n");
        Await.until("stored", () -> sluice.stored.get() == 1);
        assertThat(isClosed(begin("PROXY TCP4 10.1.2.3 192.168.0.1 50001 5140\r\n")))
                .isTrue();
        begin("PROXY TCP4 10.1.2.4 192.168.0.1 50000 5140\r\ntwo\n");
        Await.until("stored", () -> sluice.stored.get() == 2);
        Await.until("counted", () -> sluice.observer.refused.size() == 2);
        assertThat(sluice.observer.refused).containsExactly(Refusal.NOT_ALLOWED, Refusal.MAX_CONNECTIONS_PER_SOURCE);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "<13>Nov 24 11:00:00 host app: this is syslog without a header, and longer than any header of version 1 may be\n",
                "PROXY TCP4 10.1.2.3\r\n",
                "PROXY TCP4 10.1.2.999 192.168.0.1 50000 5140\r\n",
                "PROXY SCTP 10.1.2.3 192.168.0.1 50000 5140\r\n",
                "PROXY TCP6 fe80::1%nowhere fd00::1 50000 5140\r\n",
                "PROXY TCP6 ::ffff:10.1.2.3%lo fd00::1 50000 5140\r\n"
            })
    void whoDoesNotBeginWithAHeaderIsRefused(String begin) throws IOException {
        assertThat(isClosed(begin(begin))).isTrue();
        Await.until("counted", () -> !sluice.observer.refused.isEmpty());
        assertThat(sluice.observer.refused).containsExactly(Refusal.PROXY_HEADER);
        assertThat(sluice.stored).hasValue(0);
    }

    @Test
    void aHeaderThatIsLongerThanAnyIsRefused() throws IOException {
        byte[] header = version2(0x21, 0x11, "10.1.2.3", new byte[8 * 1024]);
        assertThat(isClosed(begin(new String(header, ISO_8859_1)))).isTrue();
        Await.until("counted", () -> sluice.observer.refused.contains(Refusal.PROXY_HEADER));
    }

    /** Netty gathers what comes in a buffer of its own, whose size only it knows. */
    @Test
    void anIncompleteHeaderHoldsNoMoreThanIsSaid() {
        UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(true);
        EmbeddedChannel channel = new EmbeddedChannel();
        channel.config().setAllocator(allocator);
        channel.pipeline().addLast(new HAProxyMessageDecoder(ProxyGate.EXTRA_BYTES_MAX));
        int longest = 216 + ProxyGate.EXTRA_BYTES_MAX;
        byte[] header = version2(0x21, 0x11, "10.1.2.3", new byte[longest - 12 - 3]);
        for (int from = 0; from < header.length - 1; from += MemoryBudget.UNRESERVED_READ_BYTES) {
            int count = Math.min(MemoryBudget.UNRESERVED_READ_BYTES, header.length - 1 - from);
            channel.writeInbound(
                    allocator.directBuffer(MemoryBudget.UNRESERVED_READ_BYTES).writeBytes(header, from, count));
        }
        long held = allocator.metric().usedDirectMemory();
        channel.finishAndReleaseAll();
        assertThat(header).hasSize(16 + longest);
        assertThat(held).isBetween(1025L, (long) ProxyGate.HELD_BYTES_MAX);
    }

    @Test
    void whoIsNoProxyIsRefused() throws IOException {
        assertThat(isClosed(sluice.connectFrom("127.0.0.2"))).isTrue();
        Await.until("counted", () -> sluice.observer.refused.contains(Refusal.PROXY_NOT_TRUSTED));
    }

    @Test
    void whoSendsNoHeaderInTimeIsRefused() throws IOException {
        Socket socket = begin("PROXY TCP4 10.");
        long start = System.nanoTime();
        assertThat(isClosed(socket)).isTrue();
        assertThat(Duration.ofNanos(System.nanoTime() - start))
                .isBetween(Duration.ofSeconds(8), Duration.ofSeconds(15));
        Await.until("counted", () -> sluice.observer.refused.contains(Refusal.ARRIVAL_TIMEOUT));
    }

    @Test
    void whoStillOwesAHeaderIsCountedAndMayStillSendInADrain() throws Exception {
        Socket socket = begin("PROXY TCP4 10.1.2.3 192.168.0.1 ");
        Await.until("counted", () -> sluice.listener.connections() == 1);
        var drained = sluice.listener.drain(Duration.ofSeconds(20)).toFuture();
        socket.getOutputStream().write("50000 5140\r\none\n".getBytes(US_ASCII));
        long start = System.nanoTime();
        drained.join();
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));
        assertThat(sluice.stored).hasValue(1);
        assertThat(sluice.observer.closed).containsExactly(CloseReason.DRAIN);
    }

    @Test
    void whoLeavesBeforeTheHeaderIsNoError() throws IOException {
        sluice.connect().close();
        Await.until("closed", () -> sluice.observer.closed.size() == 1);
        assertThat(sluice.observer.closed).containsExactly(CloseReason.SHIPPER);
    }

    private Socket begin(String text) throws IOException {
        Socket socket = sluice.connect();
        socket.getOutputStream().write(text.getBytes(ISO_8859_1));
        return socket;
    }

    private static byte[] version2(int command, int family, String source, byte[] extra) {
        byte[] from = InetAddress.ofLiteral(source).getAddress();
        byte[] tlv = extra.length == 0
                ? extra
                : ByteBuffer.allocate(3 + extra.length)
                        .put((byte) 0x04)
                        .putShort((short) extra.length)
                        .put(extra)
                        .array();
        return ByteBuffer.allocate(SIGNATURE.length + 4 + 12 + tlv.length)
                .put(SIGNATURE)
                .put((byte) command)
                .put((byte) family)
                .putShort((short) (12 + tlv.length))
                .put(from)
                .put(new byte[] {(byte) 192, (byte) 168, 0, 1})
                .putShort((short) 50_000)
                .putShort((short) 5140)
                .put(tlv)
                .array();
    }

    private static byte[] join(byte[] first, byte[] second) {
        ByteArrayOutputStream joined = new ByteArrayOutputStream();
        joined.writeBytes(first);
        joined.writeBytes(second);
        return joined.toByteArray();
    }

    private static boolean isClosed(Socket socket) throws IOException {
        try {
            return socket.getInputStream().read() == -1;
        } catch (SocketException reset) {
            return true;
        }
    }
}
