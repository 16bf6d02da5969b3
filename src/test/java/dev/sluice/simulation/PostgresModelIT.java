package dev.sluice.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.simulation.Cluster.Replication;
import dev.sluice.store.StoreFixture;
import dev.sluice.store.copy.CopyFormat;
import dev.sluice.testing.Await;
import dev.sluice.testing.PostgresExtension;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The simulation's model of PostgreSQL answers as the real one does, to whatever Sluice may send in any order. */
class PostgresModelIT {

    private static final int HISTORIES = 40;
    private static final int STEPS = 60;
    private static final String HOME = "\"public\".";

    @RegisterExtension
    static final PostgresExtension POSTGRES = PostgresExtension.dedicated();

    /** Both sides of a session. */
    private record Session(ModelClient model, ServerClient server) {}

    @Test
    void answersAsTheRealOne() throws Exception {
        POSTGRES.execute("create function refuse() returns trigger language plpgsql as $$"
                + " declare state text := substring(new.message from 'refused:(.*)$');"
                + " begin if state is not null then raise exception using errcode = state; end if; return new; end $$");
        POSTGRES.execute("create trigger refuse before insert on log_event for each row execute function refuse()");
        int waits = 0;
        for (int i = 0; i < HISTORIES; i++) {
            StoreFixture.prepare(POSTGRES);
            History history = new History(i);
            history.run();
            waits += history.waits;
        }
        assertThat(waits).as("statements that waited").isPositive();
    }

    /** Two sessions, one of which may wait for the other. */
    private static final class History {

        private final SplittableRandom random;
        private final Cluster cluster;
        private final List<UUID> batches = new ArrayList<>();
        private final List<UUID> deliveries = new ArrayList<>();
        private final List<String> said = new ArrayList<>();
        private Session waiting;
        private int events;
        private int waits;

        History(long seed) {
            random = new SplittableRandom(seed);
            VirtualTime time = new VirtualTime(random.split());
            cluster = new Cluster(time, new PostgresFaults(random.split(), 0), Replication.NONE, random.split());
            for (int i = 0; i < 3; i++) {
                batches.add(new UUID(seed, i));
                deliveries.add(new UUID(~seed, i));
            }
        }

        void run() throws Exception {
            try (ServerClient one = new ServerClient(POSTGRES);
                    ServerClient two = new ServerClient(POSTGRES)) {
                List<Session> sessions = List.of(open(one), open(two));
                for (int step = 0; step < STEPS; step++) {
                    Session session = sessions.get(random.nextInt(2));
                    step(session == waiting ? sessions.get(1 - sessions.indexOf(session)) : session);
                }
            }
        }

        private Session open(ServerClient server) {
            ModelClient model = new ModelClient(cluster);
            assertThat(model.ask(ClientMessages.startup("sluice", "sluice"))).containsExactly("Z I");
            return new Session(model, server);
        }

        private void step(Session session) throws Exception {
            String sql = statement();
            said.add((waiting == null ? "" : "(the other waits) ") + sql);
            List<String> answer = ask(session, ClientMessages.query(sql));
            if (answer != null && answer.contains("G ")) {
                List<String> rows = rows();
                rows.forEach(cluster.expected::expect);
                said.add(rows.toString());
                ask(session, ClientMessages.copy(rows));
            }
            if (waiting != null && waiting != session) {
                goOn(waiting);
            }
        }

        /** Null when it waits. */
        private List<String> ask(Session session, ByteBuf message) throws IOException {
            session.server.send(message.duplicate());
            List<String> answer = session.model.ask(message);
            if (answer == null) {
                assertThat(waiting).as("the one that is waited for").isNull();
                waiting = session;
                waits++;
                Await.until(
                        "a wait after\n" + String.join("\n", said),
                        () -> POSTGRES.count("pg_stat_activity where wait_event_type = 'Lock'"
                                        + " and datname = current_database()")
                                == 1);
                return null;
            }
            same(session, answer);
            return answer;
        }

        private void goOn(Session session) throws IOException {
            List<String> answer = session.model.answer();
            if (answer != null) {
                waiting = null;
                same(session, answer);
            }
        }

        private void same(Session session, List<String> answer) throws IOException {
            assertThat(answer).as(() -> String.join("\n", said)).isEqualTo(session.server.answer());
        }

        private String statement() {
            int kind = random.nextInt(12);
            if (waiting != null && (kind <= 2 || kind == 4)) {
                kind = 8 + random.nextInt(3); // whom a deadlock ends is a matter of time, and lanes make none
            }
            return switch (kind) {
                case 0, 1 ->
                    "BEGIN; INSERT INTO " + HOME + "ingest_batch (batch_id, committed_at, events) VALUES ('" + id()
                            + "', now(), 3) ON CONFLICT DO NOTHING";
                case 2 ->
                    "INSERT INTO " + HOME + "ingest_delivery (delivery_id, committed_at) VALUES "
                            + some(deliveries, "('%s', now())") + " ON CONFLICT DO NOTHING RETURNING delivery_id";
                case 3 ->
                    random.nextBoolean()
                            ? "SELECT count(*) FROM " + HOME + "ingest_batch WHERE batch_id = '" + id() + "'"
                            : "SELECT count(*) FROM " + HOME + "ingest_delivery WHERE delivery_id IN ("
                                    + some(deliveries, "'%s'") + ")";
                case 4 -> "UPDATE " + HOME + "ingest_batch SET events = 2 WHERE batch_id = '" + id() + "'";
                case 5, 6 -> "COPY " + HOME + "log_event (" + CopyFormat.EVENT_COLUMNS + ") FROM STDIN (FORMAT binary)";
                case 7 ->
                    List.of(
                                    "SAVEPOINT rows",
                                    "RELEASE SAVEPOINT rows; SAVEPOINT rows",
                                    "RELEASE SAVEPOINT rows",
                                    "ROLLBACK TO SAVEPOINT rows",
                                    "SET CONSTRAINTS ALL IMMEDIATE",
                                    "BEGIN; SET CONSTRAINTS ALL IMMEDIATE")
                            .get(random.nextInt(6));
                case 8, 9 -> "SET CONSTRAINTS ALL IMMEDIATE; " + CopyFormat.check(HOME) + "COMMIT";
                case 10 -> "ROLLBACK";
                default ->
                    "SELECT asked.id FROM (VALUES " + some(batches, "('%s'::uuid)") + ") asked (id) LEFT JOIN " + HOME
                            + "ingest_batch b ON b.batch_id = asked.id WHERE b.batch_id IS NOT NULL OR"
                            + " pg_is_in_recovery()";
            };
        }

        private UUID id() {
            return batches.get(random.nextInt(batches.size()));
        }

        /** Some ids, in one order for all. */
        private String some(List<UUID> ids, String format) {
            List<UUID> chosen =
                    ids.stream().filter(each -> random.nextBoolean()).toList();
            return (chosen.isEmpty() ? ids : chosen)
                    .stream().map(format::formatted).collect(Collectors.joining(", "));
        }

        private List<String> rows() {
            List<String> rows = new ArrayList<>();
            int count = 1 + random.nextInt(3);
            for (int i = 0; i < count; i++) {
                String bad = random.nextInt(6) == 0 ? BadRows.KINDS.get(random.nextInt(5)) : "";
                rows.add("event-" + events++ + " text" + bad);
            }
            return rows;
        }
    }
}
