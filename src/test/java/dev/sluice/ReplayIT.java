package dev.sluice;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.testing.Await;
import dev.sluice.testing.PostgresExtension;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Dead letters come back, each once, by the command as an operator gives it. */
class ReplayIT {

    @RegisterExtension
    static final PostgresExtension POSTGRES = PostgresExtension.shared();

    private static final String LONG = "x".repeat(5000);

    private static final String DAY = "partition of log_event for values from ('2026-11-01') to ('2026-11-02')";
    private static final String TIME = "2026-11-01T10:00:00Z";

    @BeforeEach
    void empty() {
        POSTGRES.execute("truncate log_event, dead_letter, ingest_batch");
        POSTGRES.execute("create table if not exists replayed_day " + DAY);
    }

    @AfterEach
    void forgive() {
        POSTGRES.execute("alter table log_event drop constraint if exists fault");
    }

    /** What each protocol and each stage refuses, through the service itself. */
    @Test
    void whatWasMendedIsStoredOnceAsIfItHadJustCome() throws IOException {
        POSTGRES.execute("alter table log_event add constraint fault check (message not like '%refused%')");
        try (RunningSluice sluice = RunningSluice.on(
                POSTGRES,
                "--sluice.listeners.main.max-frame=2KB",
                "--sluice.json.max-depth=3",
                "--sluice.pipeline.processors[0].name=away",
                "--sluice.pipeline.processors[0].when.app=quarantine",
                "--sluice.pipeline.processors[0].route.dead-letter=true")) {
            send(
                    sluice.port(),
                    "<13>1 2026-11-01T00:00:00Z h app - - - line " + LONG + "\r\n<13>1 - h app - - - kept\n");
            String counted = "<13>1 2026-11-01T00:00:00Z h app - - - counted " + LONG;
            send(sluice.port(), counted.length() + " " + counted + "29 <13>1 - h app - - - kept, too");
            send(
                    sluice.port(),
                    "{\"app\":\"app\",\"message\":\"object " + LONG + "\"}\n{\"app\":\"app\",\"message\":\"kept\"}\n"
                            + "{\"app\":\"app\",\"message\":\"deep\",\"a\":{\"b\":{\"c\":{\"d\":1}}}}\n"
                            + "{\"app\":\"app\",\"message\":\"broken\" oops}\n");
            send(
                    sluice.port(),
                    "<13>1 - h quarantine 7 id [a b=\"c\"] routed\n<13>1 - h app - - [a b=\"c\"] refused\n");
            send(sluice.port(), "\u0092\u00a3tag\u0092" + entry("entry " + LONG) + entry("kept"));
            try (RelpShipper relp = new RelpShipper(sluice.port())) {
                relp.send("relp " + LONG);
                relp.awaitAnswer();
            }
            try (LumberjackShipper lumberjack = new LumberjackShipper(sluice.port())) {
                lumberjack.send(1, true, List.of("beats " + LONG));
                lumberjack.awaitAck();
            }
            Await.until("all is stored", () -> POSTGRES.count("log_event") == 4);
            Await.until("all is kept", () -> POSTGRES.count("dead_letter") >= 20);
        }
        List<Map<String, Object>> before = all();
        String shown = command(ReplayCommand.SOME_STAY);
        assertThat(shown)
                .contains("Nothing was changed. With --apply 9 dead letters would become 9 events; 1 would stay.");
        assertThat(all()).isEqualTo(before);
        POSTGRES.execute("alter table log_event drop constraint fault");

        String done = command(ReplayCommand.SOME_STAY, "--apply");
        assertThat(done).contains("Replayed 9 dead letters as 9 events; 1 stay.");
        assertThat(POSTGRES.rows("select split_part(message, ' ', 1) as word, length(message) as length, app, host,"
                        + " attributes::text as attributes, listener, source from log_event"
                        + " where message not like 'kept%' order by 1"))
                .extracting(row -> row.get("word") + " " + row.get("length") + " " + row.get("app") + " "
                        + row.get("listener") + " " + row.get("source") + " " + row.get("attributes"))
                .containsExactly(
                        "beats 5006 null main 127.0.0.1 {\"host\": {\"name\": \"host\"}, \"agent\": {\"type\": \"filebeat\"}}",
                        "counted 5008 app main 127.0.0.1 null",
                        "deep 4 app main 127.0.0.1 {\"a\": {\"b\": {\"c\": {\"d\": 1}}}}",
                        "entry 5006 app main 127.0.0.1 {\"fluent.tag\": \"tag\"}",
                        "line 5005 app main 127.0.0.1 null",
                        "object 5007 app main 127.0.0.1 null",
                        "refused 7 app main 127.0.0.1 {\"a\": {\"b\": \"c\"}}",
                        "relp 5005 app main 127.0.0.1 null",
                        "routed 6 quarantine main 127.0.0.1 {\"a\": {\"b\": \"c\"}}");
        assertThat(POSTGRES.rows("select reason, tried_at is not null as tried from dead_letter"))
                .containsExactly(Map.of("reason", "malformed_json", "tried", true));
        assertThat(POSTGRES.count("ingest_batch where events = 9")).isOne();

        assertThat(command(ReplayCommand.SOME_STAY, "--apply"))
                .contains("Replayed 0 dead letters as 0 events; 1 stay.");
        assertThat(POSTGRES.count("log_event")).isEqualTo(13);
    }

    @Test
    void itKeepsTheOldTimeAndTakesWhatIsAskedFor() throws IOException {
        json("one", "2026-11-01T10:00:00.123456Z", "a");
        json("two", "2026-11-01T11:00:00Z", "b");
        json("three", "2026-11-01T12:00:00Z", "b");
        assertThat(command(ReplayCommand.DONE, "--apply", "--source=nobody")).contains("no such dead letters");
        assertThat(command(ReplayCommand.DONE, "--apply", "--source=b", "--until=2026-11-01T12:00:00Z"))
                .contains("Replayed 1 dead letters");
        assertThat(command(ReplayCommand.DONE, "--apply", "--limit=1", "--since=2026-11-01"))
                .contains("Replayed 1 dead");
        assertThat(POSTGRES.rows("select message, received_at::text as t, source from log_event order by received_at"))
                .extracting(Map::values)
                .extracting(Object::toString)
                .satisfiesExactly(
                        one -> assertThat(one)
                                .startsWith("[one, ")
                                .contains(":00:00.123456")
                                .endsWith(", a]"),
                        two -> assertThat(two).startsWith("[two, ").endsWith(", b]"));
        String id = POSTGRES.rows("select id::text as id from dead_letter")
                .getFirst()
                .get("id")
                .toString();
        assertThat(command(ReplayCommand.DONE, "--apply", "--id=" + id)).contains("Replayed 1 dead");
        assertThat(POSTGRES.count("dead_letter")).isZero();
    }

    @Test
    void whatCannotBeStoredNowEitherStaysWithTheReasonOfNow() throws IOException {
        POSTGRES.execute("alter table log_event add constraint fault check (message not like '%refused%')");
        for (int i = 0; i < 20; i++) {
            json(i % 7 == 3 ? "refused " + i : "good " + i, TIME, "a");
        }
        json("too early", "2020-01-01T00:00:00Z", "a");
        insert("{\"message\":", TIME, "malformed_json", "json");
        insert("a piece", TIME, "oversize_frame", "syslog");
        POSTGRES.execute(
                "update dead_letter set detail = 'The frame is longer than max-frame; the payload is a piece of"
                        + " it.' where reason = 'oversize_frame'");
        piece("11111111-1111-1111-1111-111111111111", 1, null, "<13>1 - h app - - - half");
        piece("22222222-2222-2222-2222-222222222222", 1, null, "<13>1 - h app - - - " + LONG);
        piece("22222222-2222-2222-2222-222222222222", 2, 2, LONG);
        insert("<13>1 - h app - - - routed again", TIME, "decoder_failed", "syslog");
        byte[] payload = (byte[]) POSTGRES.rows("select payload from dead_letter where reason = 'decoder_failed'")
                .getFirst()
                .get("payload");
        String[] today = {
            "--apply",
            "--sluice.listeners.main.max-frame=8KB",
            "--sluice.pipeline.processors[0].name=away",
            "--sluice.pipeline.processors[0].when.app=app",
            "--sluice.pipeline.processors[0].route.dead-letter=true",
            "--sluice.pipeline.processors[1].name=nothing",
            "--sluice.pipeline.processors[1].when.message=good 5",
            "--sluice.pipeline.processors[1].filter="
        };
        String done = command(ReplayCommand.SOME_STAY, today);
        assertThat(done)
                .contains("Replayed 17 dead letters as 16 events; 9 stay.", "1  malformed_json     dropped by a rule");
        assertThat(POSTGRES.rows("select reason, count(*) as n, count(tried_at) as tried, count(format) as formats"
                        + " from dead_letter group by 1 order by 1"))
                .extracting(Map::values)
                .extracting(Object::toString)
                .containsExactly(
                        "[malformed_json, 2, 1, 1]", // one of a day that is gone
                        "[oversize_frame, 4, 0, 0]",
                        "[refused_row, 3, 3, 3]",
                        "[routed, 1, 1, 1]");
        assertThat(POSTGRES.rows("select payload from dead_letter where reason = 'routed'")
                        .getFirst()
                        .get("payload"))
                .isEqualTo(payload);
        assertThat(POSTGRES.rows("select detail from dead_letter where reason = 'refused_row'")
                        .getFirst()
                        .get("detail"))
                .asString()
                .contains("violates check constraint");

        POSTGRES.execute("alter table log_event drop constraint fault");
        assertThat(command(ReplayCommand.SOME_STAY, "--apply", "--sluice.listeners.main.max-frame=16KB"))
                .contains("Replayed 5 dead letters as 5 events; 4 stay.");
        assertThat(POSTGRES.count("log_event where length(message) = 10000")).isOne();
    }

    /** Two short payloads that inflate to 2.5 MB each: what they become is in no batch together. */
    @Test
    void aBatchIsBoundedByWhatItBecomes() throws IOException {
        for (int i = 0; i < 2; i++) {
            POSTGRES.execute(
                    "insert into dead_letter (received_at, source, listener, protocol, reason, payload)"
                            + " values (?::timestamptz, 'a', 'main', 'forward', 'malformed_forward', ?)",
                    TIME,
                    packed(2500));
        }
        assertThat(command(ReplayCommand.DONE, "--apply", "--examples=0"))
                .contains("Replayed 2 dead letters as 5000 events");
        assertThat(POSTGRES.rows("select events from ingest_batch"))
                .extracting("events")
                .containsExactly(2500, 2500);
    }

    /** A Forward message of so many entries of about 1000 letters, compressed. */
    private static byte[] packed(int entries) throws IOException {
        ByteArrayOutputStream compressed = new ByteArrayOutputStream();
        Random random = new Random(1);
        try (GZIPOutputStream gzip = new GZIPOutputStream(compressed)) {
            for (int i = 0; i < entries; i++) {
                gzip.write(entry(Integer.toString(random.nextInt(1 << 30, Integer.MAX_VALUE), 36)
                                .repeat(180))
                        .getBytes(ISO_8859_1));
            }
        }
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        whole.write("\u0093\u00a3tag\u00c6".getBytes(ISO_8859_1));
        whole.write(ByteBuffer.allocate(Integer.BYTES).putInt(compressed.size()).array());
        compressed.writeTo(whole);
        whole.write("\u0081\u00aacompressed\u00a4gzip".getBytes(ISO_8859_1));
        return whole.toByteArray();
    }

    @Test
    void twoReplaysAtOnceStoreEachOnce() {
        POSTGRES.execute(
                "insert into dead_letter (received_at, source, listener, protocol, reason, payload)"
                        + " select timestamptz '2026-11-01 10:00Z' + i * interval '1 ms', 'a', 'main', 'json', 'malformed_json',"
                        + " convert_to(json_build_object('message', 'number ' || i)::text, 'UTF8') from generate_series(1, 4000) i");
        List<CompletableFuture<String>> both = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            both.add(CompletableFuture.supplyAsync(() -> command(ReplayCommand.DONE, "--apply", "--examples=0")));
        }
        assertThat(both.stream()
                        .map(CompletableFuture::join)
                        .mapToInt(ReplayIT::replayed)
                        .sum())
                .isEqualTo(4000);
        assertThat(POSTGRES.count("dead_letter")).isZero();
        assertThat(POSTGRES.rows("select count(*) as n, count(distinct message) as different from log_event"))
                .containsExactly(Map.of("n", 4000L, "different", 4000L));
    }

    @Test
    void mistakesAreSaid() {
        assertThat(command(ReplayCommand.WRONG, "--aply")).contains("aply is unknown; a replay takes");
        assertThat(command(ReplayCommand.WRONG, "--since=yesterday"))
                .contains("since is \"yesterday\", expected a time");
        assertThat(command(ReplayCommand.WRONG, "apply")).contains("options begin with --");
    }

    private static String command(int status, String... more) {
        List<String> arguments = new ArrayList<>(List.of(
                "replay",
                "--spring.r2dbc.url=" + POSTGRES.r2dbcUrl(),
                "--spring.r2dbc.username=" + POSTGRES.user(),
                "--spring.r2dbc.password=" + POSTGRES.password()));
        arguments.addAll(List.of(more));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            assertThat(ReplayCommand.run(arguments.toArray(String[]::new), out))
                    .as(out.toString(UTF_8))
                    .isEqualTo(status);
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
        return out.toString(UTF_8);
    }

    private static int replayed(String said) {
        Matcher matcher = Pattern.compile("Replayed (\\d+)").matcher(said);
        return matcher.find() ? Integer.parseInt(matcher.group(1)) : 0;
    }

    private static List<Map<String, Object>> all() {
        return POSTGRES.rows(
                "select to_jsonb(d)::text || xmin::text || ctid::text as dead from dead_letter d order by 1");
    }

    private static void json(String message, String time, String source) {
        POSTGRES.execute(
                "insert into dead_letter (received_at, source, listener, protocol, reason, payload)"
                        + " values (?::timestamptz, ?, 'main', 'json', 'malformed_json', ?)",
                time,
                source,
                ("{\"message\":\"" + message + "\"}").getBytes(UTF_8));
    }

    private static void insert(String payload, String time, String reason, String protocol) {
        POSTGRES.execute(
                "insert into dead_letter (received_at, source, listener, protocol, reason, payload)"
                        + " values (?::timestamptz, 'a', 'main', ?, ?, ?)",
                time,
                protocol,
                reason,
                payload.getBytes(UTF_8));
    }

    private static void piece(String frame, int piece, Integer pieces, String payload) {
        POSTGRES.execute(
                "insert into dead_letter (received_at, source, listener, protocol, reason, payload, frame, piece, pieces)"
                        + " values (?::timestamptz, 'a', 'main', 'syslog', 'oversize_frame', ?, ?::uuid, ?, ?)",
                TIME,
                payload.getBytes(UTF_8),
                frame,
                piece,
                pieces);
    }

    /** Of a Forward message: a time and a record. */
    private static String entry(String message) {
        char[] length = {(char) (message.length() >> 8), (char) (message.length() & 0xff)};
        return "\u0092\u0001\u0082\u00a3app\u00a3app\u00a7message\u00da" + new String(length) + message;
    }

    private static void send(int port, String text) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", port)) {
            socket.getOutputStream().write(text.getBytes(ISO_8859_1));
            socket.shutdownOutput();
            assertThat(socket.getInputStream().read()).isEqualTo(-1);
        }
    }
}
