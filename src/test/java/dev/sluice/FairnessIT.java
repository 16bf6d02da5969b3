package dev.sluice;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.testing.Await;
import dev.sluice.testing.PostgresExtension;
import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One shipper that floods does not delay the others. */
class FairnessIT {

    private static final Logger LOG = LoggerFactory.getLogger(FairnessIT.class);
    private static final int QUIET = 20;
    private static final int ROUNDS = 15;

    @RegisterExtension
    static final PostgresExtension POSTGRES = PostgresExtension.shared();

    @Test
    void quietShippersAreServedBesideAFlood() throws Exception {
        slowDownTheStore();
        try (RunningSluice sluice = RunningSluice.on(POSTGRES, "--sluice.store.batch.max-events=2000");
                Shippers flood = new Shippers(sluice.port(), 1, 300, 0)) {
            Await.until(
                    "the flood is held back",
                    Duration.ofSeconds(30),
                    () -> sluice.metric("sluice.throttled.seconds") > 0);
            sendQuietly(sluice.port());
            long sent = flood.events();
            Await.until("the quiet ones are stored", Duration.ofSeconds(60), () -> quietStored() == QUIET * ROUNDS);
            var delay = POSTGRES.rows("""
                            select percentile_disc(0.5) within group (order by ms) as p50,
                              percentile_disc(0.99) within group (order by ms) as p99, max(ms) as most
                            from (select extract(epoch from stored - sent) * 1000 as ms from seen) as delays""").getFirst();
            LOG.info("beside a flood of {} events: from sending to committed {} ms", sent, delay);
            assertThat(((Number) delay.get("p99")).doubleValue()).isBetween(0.0, 2000.0);
            flood.finish(60);
            assertThat(flood.broken()).isZero();
        }
    }

    /** Makes the store slower than the flood on any machine, and notes when rows are about to be committed. */
    private static void slowDownTheStore() {
        POSTGRES.execute("create table seen (sent timestamptz, stored timestamptz)");
        POSTGRES.execute("""
                create function slow() returns trigger language plpgsql as $$ begin
                  perform pg_sleep(0.05);
                  insert into seen select event_at, clock_timestamp() from fresh where app = 'quiet';
                  return null;
                end $$""");
        POSTGRES.execute("create trigger slow after insert on log_event referencing new table as fresh"
                + " for each statement execute function slow()");
    }

    private static long quietStored() {
        return POSTGRES.count("seen");
    }

    private static void sendQuietly(int port) throws IOException {
        List<Socket> quiet = new ArrayList<>();
        try {
            for (int i = 0; i < QUIET; i++) {
                quiet.add(new Socket("127.0.0.1", port));
            }
            for (int round = 0; round < ROUNDS; round++) {
                for (Socket socket : quiet) {
                    String line = "<13>1 " + Instant.now() + " host quiet - - - hello\n";
                    socket.getOutputStream().write(line.getBytes(US_ASCII));
                }
                Await.pause(100);
            }
        } finally {
            for (Socket socket : quiet) {
                socket.close();
            }
        }
    }
}
