package dev.sluice.rule;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.event.Protocol;
import dev.sluice.protocol.MsgPackBytes;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** An object is stored the same as a JSON line, as a record of Forward, and when a rule takes it out of a message. */
class SameReadingTest {

    private static final JsonMapper JSON = new JsonMapper();
    private static final int SYSLOG_SEVERITY = 5;
    private static final String NO_RULES = "[]";
    private static final String EXTRACT = "- { name: x, extract: { format: json,"
            + " columns: { message: message, severity: level, event_at: time } } }";

    /** Long, because a Forward message that is short may not have as many bytes of rows as {@link RuleRun} claims. */
    private static final String MESSAGE = "{\"message\":\"" + "m".repeat(1000) + "\",";

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"wrn\"",
                "\"WARN\"",
                "\"fatal\"",
                "\"notice\"",
                "\"dpanic\"",
                "\"7\"",
                "\"9\"",
                "\"nonsense\"",
                "30",
                "5000",
                "4",
                "null",
                "true",
                "[4]"
            })
    void levelsAreReadAlike(String level) {
        String object = MESSAGE + "\"level\":" + level + "}";
        JsonNode expected = line(object);
        assertThat(forwardJson(object)).isEqualTo(expected);
        assertThat(forward(object)).isEqualTo(expected);
        assertThat(extracted(object)).isEqualTo(expected);
    }

    /** A rule names the field that it takes, and looks into none. */
    @Test
    void aLevelThatIsAnObjectIsReadAlikeButForRules() {
        String object = MESSAGE + "\"level\":{\"name\":\"warn\"}}";
        JsonNode expected = line(object);
        assertThat(expected.get("severity").asInt()).isEqualTo(4);
        assertThat(forwardJson(object)).isEqualTo(expected);
        assertThat(forward(object)).isEqualTo(expected);
        assertThat(extracted(object).get("severity").asInt()).as("of the line").isEqualTo(5);
        assertThat(extracted(object).get("attributes")).isEqualTo(expected.get("attributes"));
    }

    /**
     * The number 40 is an error for Python and a warning for bunyan; the field says whose it is, or those beside it.
     */
    @ParameterizedTest
    @CsvSource(delimiter = ';', quoteCharacter = '`', textBlock = """
            levelno         ; 40                    ; 3
            levelno         ; "30"                  ; 4
            level           ; 40                    ; 4
            level           ; 30                    ; 6
            level           ; 60                    ; 2
            level           ; 400                   ; 4
            level           ; 400, "channel": "pay" ; 3
            Level           ; "600", "channel": "a" ; 0
            severity        ; 400, "channel": "pay" ; 4
            severityNumber  ; 17                    ; 3
            _levelno        ; 20                    ; 6
            severityLevel   ; 3                     ; 3
            pri             ; 30                    ; 6
            priority        ; 3                     ; 3
            """)
    void numbersAreReadByTheirField(String field, String level, int severity) {
        String object = MESSAGE + "\"" + field + "\":" + level + "}";
        String columns = EXTRACT.replace("severity: level", "severity: " + field);
        byte[] text = ("<13>1 - - - - - - " + object).getBytes(UTF_8);
        assertThat(line(object).get("severity").asInt()).isEqualTo(severity);
        assertThat(forward(object).get("severity").asInt()).isEqualTo(severity);
        assertThat(stored(columns, text, Protocol.SYSLOG).get("severity").asInt())
                .isEqualTo(severity);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"2026-11-28 01:02:03\"",
                "\"2026-11-28T01:02:03.5+02:00\"",
                "\"2026-11-28T01:02\"",
                "\"2026-11-28 01:02:03,250 UTC\"",
                "\"1790000000.25\"",
                "1790000000250",
                "12",
                "\"yesterday\"",
                "null"
            })
    void timesAreReadAlike(String time) {
        String object = MESSAGE + "\"level\":\"info\",\"time\":" + time + "}";
        assertThat(extracted(object)).isEqualTo(line(object));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[NaN,-Infinity,+Inf]",
                "{\"a\":[1,],\"b\":{\"c\":2,},}",
                "\"\\x22quoted\\x22 \\xc3\\xa9 \\xff\"",
                "{\"pair\":\"\\ud83d\\ude00\"}",
                "{\"half\":\"a\\ud83dz\"}",
                "{\"nul\":[\"a\\u0000z\"]}",
                "{\"huge\":1e200000}",
                "{\"wide\":1234567890123456789012345678901234567890123456789012345678901234567890}",
                "{\"\\ud800\":1}",
                "\"\\u0041\\n\\/\""
            })
    void oddValuesAreStoredAlike(String value) {
        String object = MESSAGE + "\"level\":\"info\",\"x\":" + value + "}";
        JsonNode expected = line(object);
        assertThat(expected.get("attributes").has("x")).isTrue();
        assertThat(forwardJson(object)).isEqualTo(expected);
        assertThat(extracted(object)).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 33, 34, 62})
    void deepValuesAreStoredAlike(int depth) {
        String object = MESSAGE + "\"level\":\"info\",\"x\":" + "[".repeat(depth) + "]".repeat(depth) + "}";
        JsonNode expected = line(object);
        assertThat(expected.get("attributes").has("x")).isTrue();
        assertThat(forwardJson(object)).isEqualTo(expected);
        assertThat(forward(object)).isEqualTo(expected);
        assertThat(extracted(object)).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "2026-11-28T01:02:03.5+02:00",
                "2026-11-28 01:02:03",
                "27/Nov/2026:12:00:00 +0100",
                "2026/11/28 01:02:03",
                "1790000000.5"
            })
    void timesOfForwardAreReadAsThoseOfALine(String time) {
        String expected = eventAt(MESSAGE + "\"time\":\"" + time + "\"}", Protocol.JSON);
        String escaped = time.replace("/", "\\/");
        assertThat(eventAt("[\"tag\",\"" + escaped + "\"," + MESSAGE + "\"x\":1}]", Protocol.FORWARD))
                .isEqualTo(expected);
        Object record = JSON.convertValue(JSON.readTree(MESSAGE + "\"x\":1}"), Object.class);
        assertThat(eventAt(MsgPackBytes.array("tag", time, record), Protocol.FORWARD))
                .isEqualTo(expected);
    }

    private static String eventAt(String frame, Protocol protocol) {
        return eventAt(frame.getBytes(UTF_8), protocol);
    }

    private static String eventAt(byte[] frame, Protocol protocol) {
        RuleRun run = RuleRun.of(NO_RULES);
        run.frame(frame, protocol);
        assertThat(run.deadLetters).isEmpty();
        return run.last().path("event_at").asString();
    }

    private static JsonNode line(String object) {
        return stored(NO_RULES, object.getBytes(UTF_8), Protocol.JSON);
    }

    private static JsonNode forwardJson(String object) {
        return stored(NO_RULES, ("[\"tag\",1790000000," + object + "]").getBytes(UTF_8), Protocol.FORWARD);
    }

    private static JsonNode forward(String object) {
        Object record = JSON.convertValue(JSON.readTree(object), Object.class);
        return stored(NO_RULES, MsgPackBytes.array("tag", 1790000000, record), Protocol.FORWARD);
    }

    private static JsonNode extracted(String object) {
        return stored(EXTRACT, ("<13>1 - - - - - - " + object).getBytes(UTF_8), Protocol.SYSLOG);
    }

    /** What is stored, without what the carrier alone knows: a syslog message has a severity in any case. */
    private static JsonNode stored(String rules, byte[] frame, Protocol protocol) {
        RuleRun run = RuleRun.of(rules);
        run.frame(frame, protocol);
        assertThat(run.deadLetters).isEmpty();
        ObjectNode row = (ObjectNode) run.last();
        row.remove(List.of("facility", "app", "received_at", "message"));
        if (protocol == Protocol.FORWARD) {
            row.remove("event_at");
            row.withObject("attributes").remove("fluent.tag");
        }
        if (row.path("severity").asInt(SYSLOG_SEVERITY) == SYSLOG_SEVERITY) {
            row.put("severity", SYSLOG_SEVERITY);
        }
        row.withObject("attributes").remove(List.of("sluice.original", "sluice.message"));
        return row;
    }
}
