package dev.sluice.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HttpConnectionsTest {

    private static final String HALF = "GET /actuator/health HTTP/1.1\r\nHost: localhost\r\nX-Long: ";
    private static final String WHOLE = "GET /actuator/health HTTP/1.1\r\nHost: localhost\r\n\r\n";

    private final AtomicLong now = new AtomicLong();
    private final HttpConnections connections = new HttpConnections(now::get);

    private final List<EmbeddedChannel> all = new ArrayList<>();

    @AfterEach
    void release() {
        all.forEach(EmbeddedChannel::finishAndReleaseAll);
        all.forEach(EmbeddedChannel::releaseInbound);
    }

    @Test
    void aFloodOfHalfRequestsKeepsNoProbeOut() {
        List<EmbeddedChannel> flood = new ArrayList<>();
        EmbeddedChannel probe = connect(WHOLE);
        for (int i = 0; i < 10 * HttpConnections.CONNECTIONS_MAX; i++) {
            flood.add(connect(HALF));
        }
        assertThat(flood.stream().filter(EmbeddedChannel::isOpen)).hasSize(HttpConnections.CONNECTIONS_MAX - 1);
        assertThat(flood.getFirst().isOpen()).isFalse();
        assertThat(flood.getLast().isOpen()).isTrue();
        assertThat(probe.isOpen()).isTrue();
        assertThat(connect(WHOLE).isOpen()).isTrue();
    }

    /** Each line of a header ends as a request does, but for the empty one; and empty ones before it are skipped. */
    @ParameterizedTest
    @ValueSource(strings = {"GET /actuator/health HTTP/1.1\r\nHost: localhost\r\n", "\r\n\r\n", " \r\n\r\n"})
    void aFloodOfLinesThatAreNoRequestKeepsNoProbeOut(String lines) {
        for (int i = 0; i < 2 * HttpConnections.CONNECTIONS_MAX; i++) {
            connect(lines);
        }
        assertThat(connect(WHOLE).isOpen()).isTrue();
    }

    @Test
    void aRequestInPiecesIsWhole() {
        EmbeddedChannel probe = connect(WHOLE.substring(0, WHOLE.length() - 1));
        probe.writeInbound(bytes("\n"));
        for (int i = 0; i < 2 * HttpConnections.CONNECTIONS_MAX; i++) {
            connect(HALF);
        }
        assertThat(probe.isOpen()).isTrue();
    }

    @Test
    void whenAllHaveAskedNobodyIsClosedForANewOne() {
        for (int i = 0; i < HttpConnections.CONNECTIONS_MAX; i++) {
            connect(WHOLE);
        }
        assertThat(all).allMatch(EmbeddedChannel::isOpen);
        assertThat(connect(WHOLE).isOpen()).isFalse();
        all.getFirst().writeOutbound(bytes("HTTP/1.1 200 OK\r\n\r\n"));
        assertThat(connect(WHOLE).isOpen()).isTrue();
        assertThat(all.getFirst().isOpen()).isFalse();
    }

    @Test
    void aRequestHasAnEnd() {
        EmbeddedChannel channel = connect(HALF);
        for (int i = 0; i < HttpConnections.REQUEST_BYTES_MAX / 1024 && channel.isOpen(); i++) {
            channel.writeInbound(bytes("x".repeat(1024)));
        }
        assertThat(channel.isOpen()).isFalse();
    }

    @Test
    void whoDoesNotAskInTimeIsClosedAndWhoWasAnsweredMayStay() {
        EmbeddedChannel slow = connect(HALF);
        EmbeddedChannel scraper = connect(WHOLE);
        scraper.writeOutbound(bytes("HTTP/1.1 200 OK\r\n\r\n"));
        now.addAndGet(HttpConnections.FIRST_NANOS_MAX + 1);
        slow.writeInbound(bytes("x"));
        connections.sweep();
        assertThat(slow.isOpen()).isFalse();
        assertThat(scraper.isOpen()).isTrue();
        now.addAndGet(HttpConnections.NEXT_NANOS_MAX);
        connections.sweep();
        assertThat(scraper.isOpen()).isFalse();
    }

    private EmbeddedChannel connect(String sent) {
        EmbeddedChannel channel = new EmbeddedChannel();
        all.add(channel);
        connections.add(channel);
        if (channel.isOpen()) {
            channel.writeInbound(bytes(sent));
        }
        return channel;
    }

    private static Object bytes(String text) {
        return ByteBufUtil.encodeString(
                UnpooledByteBufAllocator.DEFAULT, java.nio.CharBuffer.wrap(text), StandardCharsets.US_ASCII);
    }
}
