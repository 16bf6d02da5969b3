package dev.sluice.store.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.testing.PostgresExtension;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The view and the functions for those who read logs. */
class LogsIT {

    @RegisterExtension
    static final PostgresExtension POSTGRES = PostgresExtension.shared();

    @BeforeEach
    void twoDays() {
        POSTGRES.execute("drop table if exists log_event_old, log_event_new");
        POSTGRES.execute(
                "create table log_event_old partition of log_event for values from ('2026-01-01') to ('2026-01-02')");
        POSTGRES.execute(
                "create table log_event_new partition of log_event for values from (now() - interval '5 hours')"
                        + " to (now() + interval '5 hours')");
    }

    @Test
    void allColumnsAreThereAndTheNumbersHaveNames() {
        POSTGRES.execute(
                "insert into log_event select now(), now() - interval '1 second', n % 8, n, 'web-1', 'shop', '7',"
                        + " 'ID', 'no ' || n, '{\"n\": 1}', '10.0.0.1', 'main' from generate_series(0, 23) n");
        POSTGRES.execute("insert into log_event (received_at, event_at, message, source, listener)"
                + " values (now(), now(), 'bare', '10.0.0.1', 'main')");
        List<String> columns = columns("logs");
        assertThat(columns).containsAll(columns("log_event")).contains("severity_number", "facility_number");
        assertThat(POSTGRES.rows("select string_agg(distinct severity_number || '=' || severity, ' ') as severities,"
                                + " string_agg(facility_number || '=' || facility, ' ' order by facility_number) as facilities"
                                + " from logs")
                        .toString())
                .contains("0=emergency 1=alert 2=critical 3=error 4=warning 5=notice 6=info 7=debug")
                .contains("0=kern 1=user 2=mail 3=daemon 4=auth 5=syslog 6=lpr 7=news 8=uucp 9=cron 10=authpriv 11=ftp")
                .contains("16=local0 17=local1", "23=local7");
        assertThat(POSTGRES.count("logs where severity <= 'error'")).isEqualTo(12);
        assertThat(POSTGRES.count("logs where severity is null and facility is null and message = 'bare'"))
                .isEqualTo(1);
        assertThatThrownBy(() -> POSTGRES.rows("select from logs where severity = 'eror'"))
                .hasStackTraceContaining("invalid input value for enum log_severity: \"eror\"");
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '`', textBlock = """
            100%,   100% done
            _,      a_b
            \\,     back\\slash
            \\%,    none
            ',      it's
            DONE,   100% done|100 done
            x' or 1 = 1 --, none
            """)
    void aTextIsFoundLetterByLetterInAnyCase(String text, String found) {
        POSTGRES.execute(
                "insert into log_event (received_at, event_at, message, source, listener) select now(), now(), m, '', ''"
                        + " from unnest(array['100% done', '100 done', 'a_b', 'axb', 'back\\slash', 'it''s']) m");
        assertThat(POSTGRES.rows("select message from logs_search(text => ?) order by message desc", text))
                .extracting("message")
                .containsExactlyInAnyOrder(found.equals("none") ? new Object[0] : (Object[]) found.split("[|]"));
    }

    @Test
    void everyArgumentNarrowsTheSearchAndTheNewestComeFirst() {
        POSTGRES.execute("insert into log_event (received_at, event_at, severity, host, app, message, source, listener)"
                + " select now() - n * interval '1 minute', now(), n % 8, 'web-' || n % 2, 'app-' || n % 3, 'no ' || n, '', ''"
                + " from generate_series(1, 200) n");
        assertThat(messages("logs_search()"))
                .hasSize(59)
                .startsWith("no 1", "no 2")
                .endsWith("no 59");
        assertThat(messages("logs_search(now() - interval '1 day')")).hasSize(100);
        assertThat(messages("logs_search(now() - interval '1 day', max_rows => null)"))
                .hasSize(200);
        assertThat(messages("logs_search(severity => 'error', app => 'app-0', host => 'web-1')"))
                .containsExactly("no 3", "no 9", "no 27", "no 33", "no 51", "no 57");
        assertThat(messages("logs_search(until => now() - interval '30 minutes', max_rows => 2)"))
                .containsExactly("no 30", "no 31");
        assertThat(POSTGRES.rows(
                        "select sum(errors)::int as n, count(distinct bucket)::int as buckets, count(distinct app)::int"
                                + " as apps from error_rate(now() - interval '1 day', '2 hours')"))
                .singleElement()
                .satisfies(row -> {
                    assertThat(row).containsEntry("n", 100).containsEntry("apps", 3);
                    assertThat((Integer) row.get("buckets")).isBetween(2, 3);
                });
        assertThat(POSTGRES.count("error_rate(severity => 'debug') where errors > 1"))
                .isZero();
    }

    /** What is not inlined is a scan of a function: no day is left out, and no index used. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            logs_search(text => 'x', app => 'shop', severity => 'error')
            logs_search(now() - interval '1 hour', 'x')
            error_rate(now() - interval '10 minutes')
            """)
    void aFunctionIsPartOfTheQueryAndReadsTheDaysItNeedsAlone(String call) {
        POSTGRES.execute("create index log_event_errors on log_event (received_at) where severity <= 3");
        try {
            String plan = plan(call);
            assertThat(plan)
                    .doesNotContain("Function Scan", "log_event_old", "IS NULL")
                    .contains("log_event_new");
        } finally {
            POSTGRES.execute("drop index log_event_errors");
        }
    }

    @Test
    void theIndexOfErrorsServesASearchForErrors() {
        POSTGRES.execute("insert into log_event (received_at, event_at, severity, message, source, listener)"
                + " select now() - n * interval '1 second', now(), case when n % 100 = 0 then 3 else 6 end, '', '', ''"
                + " from generate_series(1, 10000) n");
        POSTGRES.execute("create index log_event_errors on log_event (received_at) where severity <= 3");
        POSTGRES.execute("analyze log_event");
        try {
            assertThat(plan("logs_search(now() - interval '1 day', severity => 'error', max_rows => 5)"))
                    .contains("Index Scan Backward", "received_at_idx");
        } finally {
            POSTGRES.execute("drop index log_event_errors");
        }
    }

    /** A row that came late, and one that was stored before older ones: what is found does not hang on the order. */
    @Test
    void theTailHasTheNewestOfAllDaysAndReadsFewPages() throws SQLException {
        POSTGRES.execute("insert into log_event (received_at, event_at, message, source, listener)"
                + " values (now() + interval '1 hour', now(), 'first in its day', '', '')");
        POSTGRES.execute("insert into log_event (received_at, event_at, message, source, listener)"
                + " select timestamptz '2026-01-01 01:00' + n * interval '1 ms', now(), 'old ' || n || repeat('x', 100), '', ''"
                + " from generate_series(1, 50000) n");
        POSTGRES.execute("insert into log_event (received_at, event_at, message, source, listener)"
                + " values ('2026-01-01 00:00:01', now(), 'late', '', '')");
        POSTGRES.execute("vacuum (analyze) log_event");
        for (String rows : List.of("1", "10", "2000", "null")) {
            assertThat(messages("logs_tail(" + rows + ")"))
                    .as(rows)
                    .isEqualTo(messages("logs order by received_at desc limit " + rows));
        }
        assertThat(messages("logs_tail()")).hasSize(100).startsWith("first in its day");
        long pages = ((Number) POSTGRES.rows("select pg_relation_size('log_event_old') / 8192 as pages")
                        .getFirst()
                        .get("pages"))
                .longValue();
        assertThat(pagesOfTail()).isLessThan(pages / 2);
    }

    /** The second time, when the session knows the catalogs. */
    private static long pagesOfTail() throws SQLException {
        try (Connection connection = POSTGRES.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("select * from logs_tail()");
            ResultSet plan =
                    statement.executeQuery("explain (analyze, buffers, format json) select * from logs_tail()");
            plan.next();
            Matcher read = Pattern.compile("\"Shared Hit Blocks\": (\\d+)").matcher(plan.getString(1));
            assertThat(read.find()).isTrue();
            return Long.parseLong(read.group(1));
        }
    }

    @Test
    void theTailOfPartitionsOfOthersIsAsRight() {
        POSTGRES.execute("create table log_event_rest partition of log_event default");
        try {
            POSTGRES.execute("insert into log_event (received_at, event_at, message, source, listener)"
                    + " values (now(), now(), 'new', '', ''), ('2020-01-01', now(), 'rest', '', '')");
            assertThat(messages("logs_tail(2)")).containsExactly("new", "rest");
        } finally {
            POSTGRES.execute("drop table log_event_rest");
        }
    }

    @Test
    void theTablesAreFoundFromAnySearchPath() {
        assertThat(POSTGRES.rows(
                        "select set_config('search_path', 'pg_catalog', false), (select count(*) from public.logs_search()),"
                                + " (select count(*) from public.error_rate()),"
                                + " (select count(*) from public.logs_tail())"))
                .hasSize(1);
    }

    /** A view makes a change of its columns fail; docs/tables.md says how it is done. */
    @Test
    void anOwnColumnIsNoTroubleAndAnotherTypeIsOneOfTheView() throws IOException {
        POSTGRES.execute("alter table log_event add column order_id bigint"
                + " generated always as ((attributes #>> '{order,id}')::bigint) stored");
        POSTGRES.execute("alter table log_event drop column order_id");
        String change = "alter table log_event alter column host type varchar";
        assertThatThrownBy(() -> POSTGRES.execute(change)).hasStackTraceContaining("used by a view");
        POSTGRES.execute("drop view logs cascade");
        POSTGRES.execute(change);
        apply();
        assertThat(POSTGRES.count("logs_search()")).isZero();
        assertThat(POSTGRES.count("error_rate()")).isZero();
        assertThat(POSTGRES.count("logs_tail()")).isZero();
        assertThat(POSTGRES.count("applied_migration where version = 6")).isEqualTo(1);
        POSTGRES.execute("drop view logs cascade");
        POSTGRES.execute("alter table log_event alter column host type text");
        POSTGRES.execute("create table logs (mine text)");
        apply();
        assertThat(POSTGRES.count("logs")).as("what was there").isZero();
        assertThat(POSTGRES.count("pg_proc where proname in ('logs_search', 'error_rate')"))
                .isZero();
        POSTGRES.execute("drop table logs");
        apply();
        assertThat(POSTGRES.count("logs_search()")).isZero();
    }

    private static void apply() throws IOException {
        for (String file : List.of("V6__logs.sql", "V8__logs_tail.sql")) {
            POSTGRES.execute(Files.readString(Path.of("src/main/resources/db/migration/" + file)));
        }
    }

    private static String plan(String call) {
        StringBuilder plan = new StringBuilder();
        POSTGRES.rows("explain (verbose) select * from " + call)
                .forEach(row -> plan.append(row.values()).append('\n'));
        return plan.toString();
    }

    private static List<Object> messages(String call) {
        return POSTGRES.rows("select message from " + call).stream()
                .map(row -> row.get("message"))
                .toList();
    }

    private static List<String> columns(String relation) {
        return POSTGRES
                .rows("select attname::text from pg_attribute where attrelid = '" + relation
                        + "'::regclass and attnum > 0 and not attisdropped")
                .stream()
                .map(row -> (String) row.get("attname"))
                .toList();
    }
}
