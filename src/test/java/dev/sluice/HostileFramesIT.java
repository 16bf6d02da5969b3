package dev.sluice;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.testing.Await;
import dev.sluice.testing.PostgresExtension;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Connections that send most of a long frame and then a byte now and then do not stop the others. */
class HostileFramesIT {

    private static final Logger LOG = LoggerFactory.getLogger(HostileFramesIT.class);

    /** They fill the read share (4 MB) nearly three times. */
    private static final int HOSTILE = 40;

    private static final int GOOD = 4;
    private static final int FRAME_BYTES = 262_100;
    private static final int SENT_BYTES = 250_000;
    private static final Duration LIMIT = Duration.ofSeconds(60);

    @RegisterExtension
    static final PostgresExtension POSTGRES = PostgresExtension.shared();

    private final AtomicInteger acked = new AtomicInteger();
    private volatile boolean over;

    /** What a hostile connection begins with. */
    enum Attack {
        SYSLOG(FRAME_BYTES + " <13>1 - h a - - - "),
        JSON("{\"message\":\""),
        GELF("{\"version\":\"1.1\",\"host\":\"h\",\"short_message\":\""),
        RELP("1 open 14 relp_version=0\n2 syslog " + FRAME_BYTES + " "),
        LUMBERJACK("2W\0\0\0\1" + "2J\0\0\0\1" + number(FRAME_BYTES)),
        LUMBERJACK_COMPRESSED(""),
        FORWARD("\u0093\u00a3tag\u00c6" + number(FRAME_BYTES));

        private final String head;

        Attack(String head) {
            this.head = head;
        }

        byte[] bytes() {
            byte[] begun = this == LUMBERJACK_COMPRESSED ? compressed() : head.getBytes(ISO_8859_1);
            byte[] all = Arrays.copyOf(begun, SENT_BYTES);
            if (begun.length < SENT_BYTES) {
                Arrays.fill(all, begun.length, SENT_BYTES, (byte) 'x');
            }
            return all;
        }

        private static String number(int value) {
            return new String(ByteBuffer.allocate(4).putInt(value).array(), ISO_8859_1);
        }

        /** A window whose event does not become shorter. */
        private static byte[] compressed() {
            byte[] noise = new byte[FRAME_BYTES - 1000];
            new SplittableRandom(1).nextBytes(noise);
            ByteArrayOutputStream packed = new ByteArrayOutputStream();
            try (DeflaterOutputStream deflater =
                    new DeflaterOutputStream(packed, new Deflater(Deflater.NO_COMPRESSION))) {
                deflater.write(("2J\0\0\0\1" + number(noise.length)).getBytes(ISO_8859_1));
                deflater.write(noise);
            } catch (IOException impossible) {
                throw new UncheckedIOException(impossible);
            }
            String head = "2W\0\0\0\1" + "2C" + number(packed.size());
            return (head + packed.toString(ISO_8859_1)).getBytes(ISO_8859_1);
        }
    }

    @ParameterizedTest
    @EnumSource(Attack.class)
    void othersAreAnsweredBesideHalfAFrame(Attack attack) throws Exception {
        try (RunningSluice sluice = RunningSluice.on(POSTGRES, "--sluice.pipeline.memory=16MB")) {
            List<Thread> threads = new ArrayList<>();
            List<Socket> hostile = new ArrayList<>();
            try {
                for (int i = 0; i < GOOD; i++) {
                    threads.add(Thread.ofPlatform().start(() -> sendAndAwait(sluice.port())));
                }
                Await.until("the good ones are answered", LIMIT, () -> acked.get() > 100);
                byte[] bytes = attack.bytes();
                for (int i = 0; i < HOSTILE; i++) {
                    Socket socket = new Socket("127.0.0.1", sluice.port());
                    hostile.add(socket);
                    threads.add(Thread.ofPlatform().start(() -> begin(socket, bytes)));
                }
                Await.pause(1000);
                int before = acked.get();
                Await.pause(5_000);
                int after = acked.get();
                LOG.info("{}: {} answers in five seconds", attack, after - before);
                assertThat(after - before).as("answers in five seconds").isGreaterThan(50);
            } finally {
                over = true;
                for (Socket socket : hostile) {
                    socket.close();
                }
                for (Thread thread : threads) {
                    thread.join(LIMIT);
                }
            }
            Await.until("all is given back", LIMIT, () -> sluice.metric("sluice.inflight.bytes") == 0);
        }
    }

    private void sendAndAwait(int port) {
        try (RelpShipper shipper = new RelpShipper(port)) {
            while (!over) {
                shipper.send("good " + "y".repeat(300));
                shipper.awaitAnswer();
                acked.incrementAndGet();
                Await.pause(5);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void begin(Socket socket, byte[] bytes) {
        try {
            socket.getOutputStream().write(bytes);
            while (!over) {
                socket.getOutputStream().write('x');
                Await.pause(500);
            }
        } catch (IOException closed) {
            // it may be
        }
    }
}
