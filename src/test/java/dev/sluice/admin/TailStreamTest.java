package dev.sluice.admin;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.event.ArrayPool;
import dev.sluice.event.Delivery;
import dev.sluice.event.LogEvent;
import dev.sluice.event.Origin;
import dev.sluice.event.Protocol;
import dev.sluice.event.RowEncoder;
import dev.sluice.store.copy.CopyRowEncoder;
import dev.sluice.tail.Tail;
import dev.sluice.testing.Await;
import io.netty.channel.ChannelOption;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.http.server.reactive.ReactorHttpHandlerAdapter;
import org.springframework.web.reactive.function.server.RouterFunctions;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;
import reactor.netty.resources.LoopResources;

/** On a real HTTP server with the bounds of the HTTP port, and with a clock that goes faster. */
class TailStreamTest {

    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final int ROUNDS_MAX = 500;

    private final AtomicLong aheadNanos = new AtomicLong();
    private final HttpConnections connections = new HttpConnections(() -> System.nanoTime() + aheadNanos.get());
    private final Tail tail = new Tail();
    private final Supplier<RowEncoder> encoders = tail.before(new CopyRowEncoder(ArrayPool.none()));
    private final LoopResources loop = LoopResources.create("tail-test", 1, true); // one, as HttpConnections is of one
    private final DisposableServer server = HttpServer.create()
            .runOn(loop)
            .host("127.0.0.1")
            .childOption(ChannelOption.SO_SNDBUF, 64 << 10)
            .doOnChannelInit((observer, channel, address) -> connections.add(channel))
            .handle(new ReactorHttpHandlerAdapter(RouterFunctions.toHttpHandler(RouterFunctions.route()
                    .GET("/tail", new TailStream(tail).endpoint().handler())
                    .build())))
            .bindNow();

    @AfterEach
    void stop() {
        server.disposeNow();
        loop.dispose();
    }

    @Test
    void whoDoesNotReadLosesThePlaceAndWhoReadsKeepsIt() throws IOException {
        try (Socket slow = connect();
                Socket quick = connect()) {
            Await.until("both look", LIMIT, () -> tail.listeners().size() == 2);
            for (int i = 0; tail.listeners().size() == 2; i++) {
                assertThat(i).as("rounds, and it still has its place").isLessThan(ROUNDS_MAX);
                show(40, "x".repeat(1000));
                show(1, "round " + i + ".");
                readUntil(quick, "round " + i + ".");
                aheadNanos.addAndGet(TimeUnit.SECONDS.toNanos(40));
            }
            show(1, "the last.");
            readUntil(quick, "the last.");
            assertThat(slow.isConnected()).isTrue();
        }
        Await.until("nobody looks", LIMIT, () -> tail.listeners().isEmpty());
    }

    private Socket connect() throws IOException {
        Socket socket = new Socket();
        socket.setReceiveBufferSize(8 << 10);
        socket.setSoTimeout(Math.toIntExact(LIMIT.toMillis()));
        socket.connect(new InetSocketAddress("127.0.0.1", server.port()));
        socket.getOutputStream().write("GET /tail HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(US_ASCII));
        return socket;
    }

    private static void readUntil(Socket socket, String mark) throws IOException {
        StringBuilder read = new StringBuilder();
        byte[] bytes = new byte[8 << 10];
        while (read.indexOf(mark) < 0) {
            int length = socket.getInputStream().read(bytes);
            assertThat(length).as("it was closed").isPositive();
            read.append(new String(bytes, 0, length, US_ASCII));
        }
    }

    private void show(int events, String message) {
        RowEncoder encoder = encoders.get();
        encoder.begin(new Delivery(Origin.of("main", "10.0.0.1", Protocol.SYSLOG), 1, 1, 1, Delivery.NO_ACK));
        LogEvent event = new LogEvent();
        for (int i = 0; i < events; i++) {
            event.reset(1);
            event.message().set(message.getBytes(US_ASCII));
            encoder.beginFrame();
            encoder.event(event);
        }
        encoder.seal();
    }
}
