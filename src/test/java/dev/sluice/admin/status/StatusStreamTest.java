package dev.sluice.admin.status;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.testing.Await;
import io.netty.channel.ChannelOption;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.http.server.reactive.ReactorHttpHandlerAdapter;
import org.springframework.web.reactive.function.server.RouterFunctions;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;

/** On a real HTTP server, with pictures that are larger than what the kernel takes for a looker who does not read. */
class StatusStreamTest {

    private static final int PICTURE_BYTES = 4 << 20;
    private static final Duration PERIOD = Duration.ofMillis(100);
    private static final Duration SOON = Duration.ofSeconds(60);

    private final AtomicInteger taken = new AtomicInteger();
    private volatile int size = 10;
    private final StatusStream stream = new StatusStream(this::picture, PERIOD);
    private final DisposableServer server = HttpServer.create()
            .host("127.0.0.1")
            .childOption(ChannelOption.SO_SNDBUF, 64 << 10)
            .handle(new ReactorHttpHandlerAdapter(RouterFunctions.toHttpHandler(
                    RouterFunctions.route().GET("/status", stream::answer).build())))
            .bindNow();

    @AfterEach
    void stop() {
        server.disposeNow();
    }

    private byte[] picture() {
        byte[] picture = new byte[size];
        Arrays.fill(picture, (byte) '.');
        byte[] number = String.format("%08d", taken.incrementAndGet()).getBytes(US_ASCII);
        System.arraycopy(number, 0, picture, 0, number.length);
        return picture;
    }

    @Test
    void nothingIsTakenWhileNobodyLooks() throws IOException {
        try (Looker looker = new Looker("text/event-stream")) {
            looker.awaitPicture();
            looker.awaitPicture();
        }
        Await.until("nobody looks", SOON, () -> stream.lookers() == 0);
        int before = taken.get();
        Await.pause(500);
        assertThat(taken.get()).isLessThanOrEqualTo(before + 1);
    }

    @Test
    void whoDoesNotReadGetsTheNewestAndNotWhatWasMissed() throws IOException {
        size = PICTURE_BYTES;
        try (Looker slow = new Looker("text/event-stream");
                Looker quick = new Looker("text/event-stream")) {
            int first = slow.awaitPicture(); // it has read its beginning, and no more
            for (int i = 0; i < 6; i++) {
                quick.awaitPicture();
            }
            int missed = taken.get();
            int next = slow.awaitPicture();
            assertThat(next).isGreaterThanOrEqualTo(missed).isGreaterThan(first + 4);
        }
    }

    @Test
    void allWhoLookShareOnePicture() throws IOException {
        List<Looker> lookers = new ArrayList<>();
        try {
            for (int i = 0; i < StatusStream.LOOKERS_MAX; i++) {
                lookers.add(new Looker("text/event-stream"));
            }
            int before = taken.get();
            for (Looker looker : lookers) {
                looker.awaitPicture();
                looker.awaitPicture();
            }
            assertThat(taken.get() - before).isLessThan(2 * StatusStream.LOOKERS_MAX);
            try (Looker oneMore = new Looker("text/event-stream")) {
                assertThat(oneMore.status()).contains("503");
            }
            lookers.removeFirst().close();
            Await.until("a place", SOON, () -> stream.lookers() < StatusStream.LOOKERS_MAX);
            lookers.add(new Looker("text/event-stream"));
            assertThat(lookers.getLast().awaitPicture()).isPositive();
        } finally {
            for (Looker looker : lookers) {
                looker.close();
            }
        }
        Await.until("nobody looks", SOON, () -> stream.lookers() == 0);
    }

    @Test
    void onePictureIsJson() throws IOException {
        try (Looker looker = new Looker("application/json")) {
            assertThat(looker.status()).contains("200");
            assertThat(looker.awaitNumber()).isEqualTo(1);
        }
    }

    /** A socket that reads as far as it is asked to. */
    private final class Looker implements AutoCloseable {
        private final Socket socket = new Socket();
        private final DataInputStream in;

        Looker(String accept) throws IOException {
            socket.setReceiveBufferSize(64 << 10);
            socket.connect(new InetSocketAddress("127.0.0.1", server.port()));
            socket.setSoTimeout((int) SOON.toMillis());
            socket.getOutputStream()
                    .write(("GET /status HTTP/1.1\r\nHost: localhost\r\nAccept: " + accept + "\r\n\r\n")
                            .getBytes(US_ASCII));
            in = new DataInputStream(new BufferedInputStream(socket.getInputStream(), 64 << 10));
        }

        String status() throws IOException {
            StringBuilder line = new StringBuilder();
            for (int read = in.read(); read != '\n'; read = in.read()) {
                line.append((char) read);
            }
            return line.toString();
        }

        /** The number of the next picture, which is read as far as that. */
        int awaitPicture() throws IOException {
            String wanted = "data: ";
            int matched = 0;
            while (matched < wanted.length()) {
                int read = in.read();
                if (read < 0) {
                    throw new IOException("it ended");
                }
                matched = read == wanted.charAt(matched) ? matched + 1 : 0;
            }
            return Integer.parseInt(new String(in.readNBytes(8), US_ASCII));
        }

        int awaitNumber() throws IOException {
            String text = "";
            while (!text.endsWith("\r\n\r\n")) {
                text += (char) in.read();
            }
            return Integer.parseInt(new String(in.readNBytes(8), US_ASCII));
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }
}
