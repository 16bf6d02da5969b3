package dev.sluice.store.schema;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.testing.PostgresExtension;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Runs every block of SQL of docs/queries.md, and compares what comes out with the block after it, whatever the time of
 * day. Run it with {@code -Ddocs.update=true} to replace the results.
 */
class QueriesPageIT {

    @RegisterExtension
    static final PostgresExtension POSTGRES = PostgresExtension.shared();

    private static final Path PAGE = Path.of("docs/queries.md");
    private static final Pattern BLOCK = Pattern.compile("(?s)```sql\n(.*?)```\n(?:```text\n(.*?)```\n)?");
    private static final Pattern TIME = Pattern.compile("\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d\\+00");

    /** All of a shop within ten minutes that are over, so that they are in one bucket; what is older says so. */
    private static final String EVENTS = """
            insert into log_event (received_at, event_at, severity, host, app, message, attributes, source, listener)
            select at + ago, at + ago + ahead, severity, host, app, message, attributes::jsonb, '10.0.0.1', 'main'
            from (select date_bin('10 minutes', now(), '2000-01-01') - interval '10 minutes') base (at),
            (values
              (interval '20 s',  interval '0', 6, 'web-1', 'shop',    'order 7 received',             '{"order": {"id": 7}, "ms": 12}'),
              (interval '21 s',  interval '0', 3, 'web-1', 'shop',    'no stock for order 7',         '{"order": {"id": 7}}'),
              (interval '50 s',  interval '0', 6, 'web-2', 'shop',    'order 8 received',             '{"order": {"id": 8}, "ms": 31}'),
              (interval '51 s',  interval '0', 6, 'web-2', 'shop',    'discount of 100% for order 8', '{"order": {"id": 8}}'),
              (interval '55 s',  interval '0', 4, 'web-2', 'payment', 'retrying order 8',             '{"order": {"id": 8}}'),
              (interval '95 s',  interval '0', 2, 'web-2', 'payment', 'timeout after 40 s',           '{"order": {"id": 8}, "ms": 40013}'),
              (interval '96 s',  interval '0', 3, 'web-1', 'shop',    'no stock for order 7',         '{"order": {"id": 7}}'),
              (interval '97 s',  interval '1 hour', 5, 'switch-1', 'lldpd', 'link up',               null),
              (interval '-3 hours', interval '0', 3, 'web-3', 'shop', 'no stock for order 2',         '{"order": {"id": 2}}'))
              events (ago, ahead, severity, host, app, message, attributes)""";

    private static final String DEAD_LETTERS = """
            insert into dead_letter (received_at, source, listener, protocol, reason, payload)
            select date_bin('10 minutes', now(), '2000-01-01') - n * interval '1 minute', '10.0.0.1', 'main', 'json', reason,
                   payload::bytea
            from (values (2, 'malformed_json', '{"level": "info", "message": "hel'), (1, 'malformed_json', '{level: info}'),
                         (3, 'oversize_frame', '{"message": "xxxxxxxx')) letters (n, reason, payload)""";

    @Test
    void everyQueryRunsAndGivesWhatThePageShows() throws Exception {
        POSTGRES.execute("create table log_event_week partition of log_event"
                + " for values from (now() - interval '6 days') to (now() + interval '1 day')");
        POSTGRES.execute(EVENTS);
        POSTGRES.execute(DEAD_LETTERS);
        String page = Files.readString(PAGE);
        String run =
                BLOCK.matcher(page).replaceAll(block -> Matcher.quoteReplacement(ran(block.group(1), block.group(2))));
        if (Boolean.getBoolean("docs.update")) {
            Files.writeString(PAGE, run);
        }
        UnaryOperator<String> timeless = text -> TIME.matcher(text).replaceAll("2026-11-28 12:00:00+00");
        assertThat(timeless.apply(page)).isEqualTo(timeless.apply(run));
        assertThat(BLOCK.matcher(page).results().filter(block -> block.group(2) != null))
                .hasSizeGreaterThanOrEqualTo(10);
    }

    private static String ran(String sql, String result) {
        String block = "```sql\n" + sql + "```\n";
        try (Connection connection = POSTGRES.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("set timezone = 'UTC'");
            boolean rows = statement.execute(sql);
            return result == null || !rows ? block : block + "```text\n" + shown(statement.getResultSet()) + "```\n";
        } catch (SQLException e) {
            throw new AssertionError(sql, e);
        }
    }

    /** As psql shows it. */
    private static String shown(ResultSet rows) throws SQLException {
        int columns = rows.getMetaData().getColumnCount();
        List<List<String>> table = new ArrayList<>();
        table.add(new ArrayList<>());
        List<Boolean> numbers = new ArrayList<>();
        for (int i = 1; i <= columns; i++) {
            table.getFirst().add(rows.getMetaData().getColumnLabel(i));
            numbers.add(List.of(Types.BIGINT, Types.DOUBLE, Types.INTEGER, Types.NUMERIC)
                    .contains(rows.getMetaData().getColumnType(i)));
        }
        while (rows.next()) {
            List<String> row = new ArrayList<>();
            for (int i = 1; i <= columns; i++) {
                row.add(rows.getString(i) == null ? "" : rows.getString(i));
            }
            table.add(row);
        }
        int[] widths = IntStream.range(0, columns)
                .map(i -> table.stream()
                        .mapToInt(row -> row.get(i).length())
                        .max()
                        .orElse(0))
                .toArray();
        StringBuilder shown = new StringBuilder();
        for (int n = 0; n < table.size(); n++) {
            List<String> row = table.get(n);
            boolean head = n == 0;
            shown.append((" "
                                    + IntStream.range(0, columns)
                                            .mapToObj(i ->
                                                    cell(row.get(i), widths[i], head ? 0.5 : numbers.get(i) ? 1 : 0))
                                            .collect(joining(" | ")))
                            .stripTrailing())
                    .append('\n');
            if (head) {
                shown.append(IntStream.of(widths)
                                .mapToObj(width -> "-".repeat(width + 2))
                                .collect(joining("+")))
                        .append('\n');
            }
        }
        int count = table.size() - 1;
        return shown.append("(%d row%s)\n".formatted(count, count == 1 ? "" : "s"))
                .toString();
    }

    /** How much of the room that is left is before the text. */
    private static String cell(String text, int width, double before) {
        int left = (int) ((width - text.length()) * before);
        return " ".repeat(left) + text + " ".repeat(width - text.length() - left);
    }
}
