package dev.sluice;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.testing.Await;
import dev.sluice.testing.PostgresExtension;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

class LimitsIT {

    private static final Logger LOG = LoggerFactory.getLogger(LimitsIT.class);
    private static final int EVENTS = 400;

    @RegisterExtension
    static final PostgresExtension POSTGRES = PostgresExtension.shared();

    /** What was sent after the goodbye is neither stored nor answered: its shipper sends it again elsewhere. */
    @Test
    void anOldConnectionEndsAtAnAcknowledgement() throws Exception {
        try (RunningSluice sluice = RunningSluice.on(POSTGRES, "--sluice.listeners.main.max-age=1s");
                RelpShipper shipper = new RelpShipper(sluice.port())) {
            int answered = 0;
            List<String> last = List.of();
            while (last.isEmpty()) {
                for (int i = 0; i < 10; i++) {
                    shipper.send("old");
                }
                try {
                    for (int i = 0; i < 10; i++) {
                        shipper.awaitAnswer();
                        answered++;
                    }
                } catch (AssertionError other) {
                    assertThat(other).hasMessageContaining("0 serverclose");
                    last = List.of("0 serverclose");
                } catch (EOFException end) {
                    throw new AssertionError("it ended without a goodbye", end);
                }
            }
            assertThat(shipper.rest()).isEmpty();
            assertThat(POSTGRES.count("log_event where message = 'old'")).isEqualTo(answered);
            shipper.close();
            Await.until("closed", Duration.ofSeconds(10), () -> sluice.metric("sluice.connections") == 0);
            assertThat(sluice.labelled("sluice.connections.closed")).contains("tag(reason=max_age)]=1");
        }
    }

    @Test
    void aSourceThatConnectsWithoutEndDoesNotDelayTheOthers() throws Exception {
        try (RunningSluice sluice =
                        RunningSluice.on(POSTGRES, "--sluice.listeners.main.max-connections-per-source=10");
                RelpShipper shipper = new RelpShipper(sluice.port())) {
            p99(shipper); // the JIT compiler's turn
            double before = p99(shipper);
            AtomicBoolean over = new AtomicBoolean();
            AtomicLong connected = new AtomicLong();
            List<Thread> hostile = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                hostile.add(Thread.ofPlatform().start(() -> connectOnAndOn(sluice.port(), over, connected)));
            }
            Await.until("refused", Duration.ofSeconds(20), () -> sluice.metric("sluice.connections.rejected") > 0);
            long start = System.nanoTime();
            long refused = (long) sluice.metric("sluice.connections.rejected");
            double beside = p99(shipper);
            double seconds = (System.nanoTime() - start) / 1e9;
            refused = (long) sluice.metric("sluice.connections.rejected") - refused;
            over.set(true);
            for (Thread thread : hostile) {
                thread.join();
            }
            LOG.info(
                    "p99 from sending to acknowledged: {} ms alone, {} ms beside {} refused connections a second",
                    before,
                    beside,
                    Math.round(refused / seconds));
            assertThat(refused).isGreaterThan(100);
            assertThat(beside).isLessThan(1000);
            assertThat(sluice.metric("sluice.connections")).isLessThanOrEqualTo(11);
        }
    }

    /** From an address of its own; ten of its connections stay open. */
    private static void connectOnAndOn(int port, AtomicBoolean over, AtomicLong connected) {
        List<Socket> open = new ArrayList<>();
        try {
            while (!over.get()) {
                Socket socket = new Socket("127.0.0.1", port, InetAddress.ofLiteral("127.0.0.66"), 0);
                connected.incrementAndGet();
                if (open.size() < 10) {
                    open.add(socket);
                } else {
                    socket.close();
                }
            }
            for (Socket socket : open) {
                socket.close();
            }
        } catch (SocketException refused) {
            // the ports of its address are used up: others of these go on
        } catch (IOException broken) {
            throw new IllegalStateException(broken);
        }
    }

    /** In milliseconds, of events one at a time. */
    private static double p99(RelpShipper shipper) throws IOException {
        long[] nanos = new long[EVENTS];
        for (int i = 0; i < EVENTS; i++) {
            long start = System.nanoTime();
            shipper.send("one");
            shipper.awaitAnswer();
            nanos[i] = System.nanoTime() - start;
        }
        Arrays.sort(nanos);
        return Math.round(nanos[EVENTS * 99 / 100] / 1e4) / 100.0;
    }
}
