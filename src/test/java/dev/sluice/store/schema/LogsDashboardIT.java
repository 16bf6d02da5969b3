package dev.sluice.store.schema;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.testing.PostgresExtension;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Grafana's dashboard of the logs, its queries run with the variables and macros written out as Grafana does it.
 * helm/check.sh reads the file by Grafana's own schema.
 */
class LogsDashboardIT {

    @RegisterExtension
    static final PostgresExtension POSTGRES = PostgresExtension.shared();

    private static final JsonNode DASHBOARD =
            JsonMapper.shared().readTree(Path.of("helm/sluice/files/logs.json").toFile());
    private static final Pattern VARIABLE = Pattern.compile("\\$\\{(\\w+)(?::(\\w+))?}");
    private static final Map<String, String> ALL = Map.of("text", "", "app", "", "host", "", "severity", "any");

    @BeforeAll
    static void store() {
        POSTGRES.execute(
                "create table log_event_now partition of log_event for values from (now() - interval '3 hours')"
                        + " to (now() + interval '3 hours')");
        POSTGRES.execute(
                "insert into log_event (received_at, event_at, severity, host, app, message, attributes, source, listener)"
                        + " select now() - n * interval '1 minute', now(), n % 7, 'web-' || n % 2, 'app-' || n % 30, 'no ' || n, '{}', '', ''"
                        + " from generate_series(1, 300) n where n <= 170");
        POSTGRES.execute("insert into log_event (received_at, event_at, message, source, listener)"
                + " values (now() - interval '1 minute', now(), '100% it''s', '', '')");
        POSTGRES.execute(
                "insert into dead_letter (received_at, protocol, reason, payload) select now() - interval '5 minutes',"
                        + " 'json', 'malformed_json', decode('7b0027ff0a', 'hex') from generate_series(1, 3)");
    }

    @Test
    void everyQueryAnswersWithinTheTimeThatIsShown() {
        assertThat(rows(1, ALL))
                .isNotEmpty()
                .allSatisfy(row -> assertThat(row).containsOnlyKeys("time", "metric", "events"));
        assertThat(rows(1, ALL))
                .extracting("metric")
                .contains("emergency", "info", "unknown")
                .doesNotContain("debug");
        assertThat(sum(rows(1, ALL), "events")).isEqualTo(60);
        assertThat(sum(rows(2, ALL), "errors")).isBetween(20L, 35L);
        assertThat(rows(2, ALL))
                .extracting("metric")
                .satisfies(apps -> assertThat(Set.copyOf(apps)).hasSize(20));
        assertThat(rows(3, ALL))
                .hasSize(60)
                .first()
                .satisfies(row -> assertThat(row.get("time")).isNotNull());
        assertThat(sum(rows(4, ALL), "letters")).isEqualTo(3);
        assertThat(rows(5, ALL)).hasSize(3).extracting("payload").containsOnly("{\\000'\\377\n");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    void everyVariableNarrowsTheSearch(int panel) {
        assertThat(found(panel, "app", "app-3")).isEqualTo(2);
        assertThat(found(panel, "host", "web-1")).isEqualTo(30);
        assertThat(found(panel, "text", "NO 5")).isEqualTo(11);
        assertThat(found(panel, "severity", "alert")).isBetween(16L, 18L);
        assertThat(found(panel, "text", "100%")).isEqualTo(1);
        assertThat(found(panel, "text", "it's")).isEqualTo(1);
        assertThat(found(panel, "text", "0_5")).isZero();
    }

    /** Readers type what they like into a box, or send somebody a link that has it. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "' or true --",
                "''",
                "\\' or true --",
                "'); drop table dead_letter; --",
                "$$",
                "${app}",
                "x' union select"
            })
    void whatIsTypedIsNothingButText(String typed) {
        for (int panel = 1; panel <= 5; panel++) {
            for (String variable : List.of("text", "app", "host")) {
                List<Map<String, Object>> rows = rows(panel, with(variable, typed));
                assertThat(panel == 1 || panel == 3 ? rows : List.of())
                        .as(variable)
                        .isEmpty();
            }
        }
        assertThat(POSTGRES.count("dead_letter")).isEqualTo(3);
    }

    @Test
    void panelsHaveTheirOwnPlaceAndNameWhatIsThere() {
        List<JsonNode> panels = panels();
        assertThat(panels).extracting(panel -> panel.path("id").asInt()).doesNotHaveDuplicates();
        Set<String> cells = new TreeSet<>();
        for (JsonNode panel : panels) {
            JsonNode at = panel.path("gridPos");
            assertThat(at.path("x").asInt() + at.path("w").asInt()).isLessThanOrEqualTo(24);
            IntStream.range(
                            at.path("x").asInt(),
                            at.path("x").asInt() + at.path("w").asInt())
                    .forEach(x -> IntStream.range(
                                    at.path("y").asInt(),
                                    at.path("y").asInt() + at.path("h").asInt())
                            .forEach(y -> assertThat(cells.add(x + "," + y))
                                    .as(panel.path("title").asString())
                                    .isTrue()));
            assertThat(panel.path("datasource"))
                    .isEqualTo(panel.path("targets").path(0).path("datasource"));
            assertThat(panel.path("datasource").path("uid").asString()).isEqualTo("${datasource}");
            assertThat(VARIABLE.matcher(sql(panel)).results().map(used -> used.group(2)))
                    .as("the format that doubles quotes")
                    .allMatch("sqlstring"::equals);
        }
        Set<String> variables = DASHBOARD
                .path("templating")
                .path("list")
                .valueStream()
                .map(variable -> variable.path("name").asString())
                .collect(Collectors.toSet());
        assertThat(VARIABLE.matcher(DASHBOARD.toString()).results().map(used -> used.group(1)))
                .allMatch(variables::contains);
    }

    private static long found(int panel, String variable, String value) {
        List<Map<String, Object>> rows = rows(panel, with(variable, value));
        return panel == 3 ? rows.size() : sum(rows, "events");
    }

    private static Map<String, String> with(String variable, String value) {
        return ALL.entrySet().stream()
                .collect(Collectors.toMap(
                        Map.Entry::getKey, each -> each.getKey().equals(variable) ? value : each.getValue()));
    }

    private static long sum(List<Map<String, Object>> rows, String column) {
        return rows.stream().mapToLong(row -> (Long) row.get(column)).sum();
    }

    private static List<Map<String, Object>> rows(int panel, Map<String, String> values) {
        return POSTGRES.rows(written(sql(panels().get(panel - 1)), values).replace("?", "??"));
    }

    /** The page writes out variables, then the server its macros; the last hour, and a bar for five minutes. */
    private static String written(String sql, Map<String, String> values) {
        Instant now = Instant.now().plusSeconds(30).truncatedTo(ChronoUnit.MILLIS);
        String from = "'" + now.minus(1, ChronoUnit.HOURS) + "'";
        String to = "'" + now + "'";
        return VARIABLE.matcher(sql.replace("$__interval_ms", "300000").replace("$__interval", "5m"))
                .replaceAll(used ->
                        Matcher.quoteReplacement("'" + values.get(used.group(1)).replace("'", "''") + "'"))
                .replaceAll("\\$__timeGroupAlias\\((\\w+), 5m\\)", "floor(extract(epoch from $1)/300)*300 AS \"time\"")
                .replaceAll("\\$__timeFilter\\((\\w+)\\)", "$1 BETWEEN " + from + " AND " + to)
                .replace("$__timeFrom()", from)
                .replace("$__timeTo()", to);
    }

    private static String sql(JsonNode panel) {
        return panel.path("targets").path(0).path("rawSql").asString();
    }

    private static List<JsonNode> panels() {
        List<JsonNode> panels = new ArrayList<>();
        DASHBOARD.path("panels").forEach(panels::add);
        return panels;
    }
}
