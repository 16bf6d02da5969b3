package dev.sluice;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.sluice.testing.Await;
import dev.sluice.testing.PostgresExtension;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** One account owns the tables, another one writes: with Sluice as the one who migrates, and with an administrator. */
@ExtendWith(OutputCaptureExtension.class)
class SchemaAccountsIT {

    @RegisterExtension
    static final PostgresExtension POSTGRES = PostgresExtension.restorable().empty();

    private static final Path MIGRATIONS = Path.of("src/main/resources/db/migration");
    private static final Duration LIMIT = Duration.ofMinutes(1);
    private static final String WAITING = "\nThe start ends, because waiting would not help.";

    @BeforeAll
    static void makeRoles() {
        POSTGRES.server().allowRoles();
        POSTGRES.execute("create role keeper login password 'keeper''s'");
        POSTGRES.execute("create role writer login password 'writer'");
        POSTGRES.execute("grant keeper, writer to current_user");
        POSTGRES.execute("alter database " + POSTGRES.database() + " set search_path = logs");
    }

    @BeforeEach
    void anEmptySchema() {
        POSTGRES.execute("drop schema if exists logs cascade");
        POSTGRES.execute("create schema logs authorization keeper");
    }

    @Test
    void whatWritesOwnsNothingAndStoresAlsoIntoDaysThatAreMadeLater() throws Exception {
        POSTGRES.execute("alter role writer set synchronous_commit = off");
        try (RunningSluice sluice = RunningSluice.on(POSTGRES, with(asKeeper()))) {
            assertThat(sluice.metric("sluice.database.findings", "finding", "synchronous_commit_off"))
                    .as("a setting of the writer's sessions, not of the owner's")
                    .isEqualTo(1);
            send(sluice.port(), "<13>one\n");
            send(sluice.port(), "{broken\n");
            Await.until("stored", LIMIT, () -> POSTGRES.count("log_event") == 1);
            Await.until("kept", LIMIT, () -> POSTGRES.count("dead_letter") == 1);
            try (ForwardClient forward = new ForwardClient(sluice.port())) {
                for (int sent = 0; sent < 2; sent++) {
                    forward.send(ForwardClient.chunk("a", 2));
                    assertThat(forward.ack()).isEqualTo("a");
                }
            }
            assertThat(POSTGRES.count("log_event")).isEqualTo(3);
            execute("keeper", "keeper's", "drop table " + today());
            send(sluice.port(), "<13>two\n");
            Await.until("stored in a new day", LIMIT, () -> POSTGRES.count("log_event where message = 'two'") == 1);
        } finally {
            POSTGRES.execute("alter role writer reset all");
        }
        assertThat(POSTGRES.rows("select distinct tableowner from pg_tables where schemaname = 'logs'"))
                .extracting("tableowner")
                .containsExactly("keeper");
        for (String forbidden :
                List.of("drop table log_event", "truncate dead_letter", "delete from log_event", "create table t ()")) {
            assertThat(catchThrowable(() -> execute("writer", "writer", forbidden)))
                    .as(forbidden)
                    .hasMessageMatching("(?s).*(permission denied|must be owner).*");
        }
    }

    @Test
    void aWrongPasswordOfTheOwnerIsSaidByItsName(CapturedOutput output) {
        assertThat(said(output, with("--sluice.store.schema-username=keeper", "--sluice.store.schema-password=secret")))
                .isEqualTo("PostgreSQL at " + server() + " refuses the user or the password [28P01]: set"
                        + " sluice.store.schema-username and sluice.store.schema-password." + WAITING);
    }

    @Test
    void tablesOfAnAdministratorAreUsedAsTheyAre() throws Exception {
        migrate(files());
        execute("keeper", "keeper's", blocks());
        try (RunningSluice sluice = RunningSluice.on(POSTGRES, with("--sluice.store.migrate=false"))) {
            send(sluice.port(), "<13>one\n");
            Await.until("stored", LIMIT, () -> POSTGRES.count("log_event") == 1);
            assertThat(sluice.metric("sluice.partition.horizon.seconds"))
                    .isGreaterThan(Duration.ofDays(6).toSeconds());
        }
        assertThat(POSTGRES.count("pg_tables where tablename = 'flyway_schema_history'"))
                .isZero();
        try (RunningSluice sluice = RunningSluice.on(POSTGRES, with(asKeeper()))) {
            send(sluice.port(), "<13>two\n");
            Await.until("migrated by Sluice from now on", LIMIT, () -> POSTGRES.count("log_event") == 2);
        }
    }

    @Test
    void aMigrationThatIsMissingOrUnknownEndsTheStart(CapturedOutput output) throws Exception {
        assertThat(said(output, with("--sluice.store.migrate=false")))
                .isEqualTo("sluice.store.migrate is false, and in database '" + POSTGRES.database() + "' at " + server()
                        + " no schema in the search path of writer (spring.r2dbc.username) has the tables. What is"
                        + " missing, of the folder db/migration:\n" + String.join(", ", names())
                        + "\nHave the owner of the tables apply each: psql -1 -v ON_ERROR_STOP=1 -f FILE" + WAITING);
        migrate(files());
        execute("keeper", "keeper's", blocks());
        execute("keeper", "keeper's", "delete from applied_migration where version = 4");
        assertThat(said(output, with("--sluice.store.migrate=false")))
                .contains(" the tables are of version " + files().size() + ". What is missing")
                .contains("\nV4__applied_migration.sql\n")
                .hasLineCount(4);
        execute("keeper", "keeper's", "insert into applied_migration (version, file) values (4, 'V4')");
        execute("keeper", "keeper's", "drop table ingest_delivery");
        assertThat(said(output, with("--sluice.store.migrate=false")))
                .as("what the table of notes cannot know")
                .contains("\nV2__ingest_delivery.sql\n");
        assertThat(said(output, with(asKeeper())))
                .startsWith("In database '" + POSTGRES.database())
                .contains("\nV2__ingest_delivery.sql\n");
        migrate(files().subList(1, 2));
        execute("keeper", "keeper's", blocks());
        execute("keeper", "keeper's", "drop table applied_migration");
        assertThat(said(output, with("--sluice.store.migrate=false")))
                .contains(" the tables are of version 3. What is missing")
                .contains("\n" + String.join(", ", names().subList(3, names().size())) + "\n");
        migrate(files().subList(3, 4));
        execute("keeper", "keeper's", "grant select on logs.applied_migration to writer");
        execute("keeper", "keeper's", "insert into applied_migration (version, file) values (77, 'V77__later.sql')");
        assertThat(said(output, with("--sluice.store.migrate=false")))
                .isEqualTo("The tables in database '" + POSTGRES.database() + "' at " + server()
                        + " are of version 77, and this Sluice knows none after " + files().size() + " ("
                        + names().getLast() + ").\nStart a newer Sluice." + WAITING);
    }

    @Test
    void tablesThatWereTheWritersAreToBeGivenToTheirNewOwner(CapturedOutput output) throws Exception {
        POSTGRES.execute("alter schema logs owner to writer");
        POSTGRES.execute("grant usage on schema logs to keeper");
        try (RunningSluice sluice = RunningSluice.on(POSTGRES, with())) {
            send(sluice.port(), "<13>one\n");
            Await.until("stored", LIMIT, () -> POSTGRES.count("log_event") == 1);
        }
        assertThat(said(output, with(asKeeper())))
                .isEqualTo("The tables in schema logs of database '" + POSTGRES.database() + "' at " + server()
                        + " belong to writer, and the user keeper (sluice.store.schema-username) is no member of that"
                        + " role.\nHave an administrator run in that database: REASSIGN OWNED BY writer TO keeper"
                        + WAITING);
        POSTGRES.execute("reassign owned by writer to keeper");
        try (RunningSluice sluice = RunningSluice.on(POSTGRES, with(asKeeper()))) {
            send(sluice.port(), "<13>two\n");
            Await.until("stored", LIMIT, () -> POSTGRES.count("log_event") == 2);
        }
    }

    @Test
    void whatAnAccountLacksIsSaidWithTheStatementThatGivesIt(CapturedOutput output) throws Exception {
        migrate(files());
        execute("keeper", "keeper's", blocks());
        execute(
                "keeper",
                "keeper's",
                "revoke insert on log_event from writer; revoke update on ingest_batch from writer");
        assertThat(said(output, with("--sluice.store.migrate=false")))
                .isEqualTo("The user writer (spring.r2dbc.username) lacks rights in database '" + POSTGRES.database()
                        + "' at " + server() + ": INSERT on logs.log_event; UPDATE on logs.ingest_batch.\n"
                        + "Have the owner of the tables run: GRANT INSERT ON logs.log_event TO writer; GRANT UPDATE ON"
                        + " logs.ingest_batch TO writer" + WAITING);
        execute("keeper", "keeper's", "grant insert on log_event to writer; grant update on ingest_batch to writer");
        execute("keeper", "keeper's", "drop table " + today());
        assertThat(said(output, with("--sluice.store.migrate=false")))
                .startsWith("log_event has no partition for ")
                .contains("only its owner, keeper, can make one")
                .hasLineCount(3);
    }

    @Test
    void anArchiveThatCannotBeMovedToIsSaid(CapturedOutput output) {
        String[] archiving = Stream.concat(Stream.of(asKeeper()), Stream.of("--sluice.store.retention-action=detach"))
                .toArray(String[]::new);
        assertThat(said(output, with(archiving)))
                .isEqualTo("sluice.store.retention-action is detach, but the user keeper (sluice.store.schema-username)"
                        + " may not create tables in schema archive of database '" + POSTGRES.database() + "'.\n"
                        + "Have an administrator run: CREATE SCHEMA IF NOT EXISTS archive; GRANT USAGE, CREATE ON"
                        + " SCHEMA archive TO keeper" + WAITING);
        archiving[2] = "--sluice.store.archive-schema=logs";
        assertThat(said(
                        output,
                        with(Stream.concat(Stream.of(archiving), Stream.of("--sluice.store.retention-action=detach"))
                                .toArray(String[]::new))))
                .startsWith("sluice.store.archive-schema is logs, where the tables are");
    }

    @Test
    void whoReadsSeesEveryDayAndChangesNothing() throws Exception {
        migrate(files());
        execute("keeper", "keeper's", blocks());
        String page = Files.readString(Path.of("docs/queries.md"));
        POSTGRES.execute(page.substring(
                        page.indexOf("create role reader"), page.indexOf("```", page.indexOf("create role reader")))
                .replace("schema public", "schema logs")
                .replace("...", "reader"));
        String later =
                "create table log_event_later partition of log_event for values from ('2036-01-01') to ('2036-01-02');"
                        + " insert into log_event (received_at, event_at, message, source, listener)"
                        + " values ('2036-01-01 12:00Z', now(), 'later', '', '')";
        execute("keeper", "keeper's", later);
        execute("reader", "reader", "do $$ begin assert (select count(*) from logs_search(max_rows => 5)) = 1; end $$");
        execute("reader", "reader", "select * from error_rate(); select * from dead_letter");
        for (String forbidden :
                List.of("insert into dead_letter default values", "select * from ingest_batch", "create table t ()")) {
            assertThat(catchThrowable(() -> execute("reader", "reader", "set transaction read write; " + forbidden)))
                    .as(forbidden)
                    .hasMessageContaining("permission denied");
        }
        assertThat(catchThrowable(() -> execute("writer", "writer", "select * from logs_search()")))
                .as("the rights of who asks")
                .hasMessageContaining("permission denied for view logs");
    }

    private static String[] asKeeper() {
        return new String[] {"--sluice.store.schema-username=keeper", "--sluice.store.schema-password=keeper's"};
    }

    private static String[] with(String... more) {
        return Stream.concat(
                        Stream.of("--spring.r2dbc.username=writer", "--spring.r2dbc.password=writer"), Stream.of(more))
                .toArray(String[]::new);
    }

    private static String today() {
        return (String)
                POSTGRES.rows("select 'logs.log_event_' || to_char(now() at time zone 'UTC', 'YYYYMMDD') as name")
                        .getFirst()
                        .get("name");
    }

    /** The statements of the page: the rights, and the days ahead. */
    private static String blocks() throws IOException {
        String page = Files.readString(Path.of("docs/tables.md"));
        String section = page.substring(page.indexOf("### Tables of an administrator"), page.indexOf("## The ledger"));
        Matcher blocks = Pattern.compile("(?s)```sql\n(.*?)```").matcher(section);
        return blocks.results().map(block -> block.group(1)).reduce("", String::concat);
    }

    private static List<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(MIGRATIONS)) {
            return files.sorted().toList();
        }
    }

    private static List<String> names() throws IOException {
        return files().stream().map(file -> file.getFileName().toString()).toList();
    }

    /** As psql -1 does it. */
    private static void migrate(List<Path> files) throws Exception {
        for (Path file : files) {
            execute("keeper", "keeper's", Files.readString(file));
        }
    }

    private static void execute(String user, String password, String sql) throws SQLException {
        String url = "jdbc:postgresql://" + server() + "/" + POSTGRES.database();
        try (Connection connection = DriverManager.getConnection(url, user, password)) {
            connection.setAutoCommit(false);
            connection.createStatement().execute(sql);
            connection.commit();
        }
    }

    private static void send(int port, String lines) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", port)) {
            socket.getOutputStream().write(lines.getBytes(UTF_8));
        }
    }

    private static String said(CapturedOutput output, String... arguments) {
        int before = output.length();
        assertThat(catchThrowable(() ->
                        SpringApplication.run(SluiceApplication.class, RunningSluice.arguments(POSTGRES, arguments))))
                .isNotNull();
        String written = output.toString().substring(before);
        assertThat(written).doesNotContain("\tat ").doesNotContain("secret").contains("Sluice cannot start:\n");
        return written.substring(written.indexOf("Sluice cannot start:\n") + 21).strip();
    }

    private static String server() {
        return POSTGRES.host() + ":" + POSTGRES.port();
    }
}
