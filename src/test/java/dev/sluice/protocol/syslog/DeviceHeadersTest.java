package dev.sluice.protocol.syslog;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.event.Protocol;
import dev.sluice.protocol.Protocols;
import dev.sluice.protocol.Row;
import dev.sluice.protocol.RowCheck;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/** The lines of devices in {@code src/test/resources/inputs/devices.txt}, whose head says how to read it. */
class DeviceHeadersTest {

    private static final Instant RECEIVED_AT = Instant.parse("2026-11-28T00:00:00Z");
    private static final Protocols PROTOCOLS = new Protocols(ZoneOffset.UTC, 64);

    @ParameterizedTest(name = "{0}")
    @MethodSource("lines")
    void headerBecomesColumns(String line, String expected) {
        RowCheck.check(Protocol.SYSLOG, line.getBytes(UTF_8));
        JsonNode row = Row.of(PROTOCOLS.decoder(Protocol.SYSLOG), line.getBytes(UTF_8), RECEIVED_AT);
        int columnsEnd = expected.lastIndexOf('\0');
        String start = expected.substring(columnsEnd + 1);
        String message = row.get("message").asString();
        assertThat(columns(row)).isEqualTo(expected.substring(0, columnsEnd).replace('\0', '|'));
        switch (start) {
            case "^" -> assertThat(message).isEmpty();
            case "~" -> assertThat(line).matches("(?s) *(<-?[0-9]+>)?\\Q" + message + "\\E");
            default -> assertThat(message).startsWith(start);
        }
    }

    @Test
    void tableHoldsAtLeast400Lines() {
        assertThat(lines()).hasSizeGreaterThanOrEqualTo(400);
    }

    /** Each line with its row, whose columns end with NUL. */
    static Stream<Arguments> lines() {
        List<Arguments> rows = new ArrayList<>();
        String line = "";
        for (String text : table().split("\n")) {
            if (text.startsWith("in  ")) {
                line = text.substring(4);
            } else if (text.startsWith("row ")) {
                rows.add(Arguments.of(line, String.join("\0", text.substring(4).split(" \\| ", 6))));
            } else if (!text.isEmpty() && !text.startsWith("#")) {
                throw new IllegalArgumentException("Neither in nor row nor comment: " + text);
            }
        }
        return rows.stream();
    }

    private static String columns(JsonNode row) {
        return String.join(
                "|", text(row, "host"), text(row, "event_at"), text(row, "app"), text(row, "proc_id"), severity(row));
    }

    private static String severity(JsonNode row) {
        return row.has("severity") ? row.get("severity").toString() : "-";
    }

    private static String text(JsonNode row, String column) {
        return row.has(column) ? row.get(column).asString() : "-";
    }

    private static String table() {
        try (InputStream in = DeviceHeadersTest.class.getResourceAsStream("/inputs/devices.txt")) {
            return new String(in.readAllBytes(), UTF_8);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
