package dev.sluice.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.event.Protocol;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/**
 * The tables under {@code src/test/resources/protocol}: a line with {@code in} is a frame ({@code ‹EF BB BF›} are
 * bytes), the line with {@code row} below it what it becomes. Everything is read at {@link #RECEIVED_AT}, in Berlin.
 */
class DecodingTableTest {

    static final Instant RECEIVED_AT = Instant.parse("2026-01-02T03:04:05.678901Z");
    static final Protocols PROTOCOLS = new Protocols(ZoneId.of("Europe/Berlin"), 64);

    private static final Pattern BYTES = Pattern.compile("‹([0-9A-F ]+)›");

    @ParameterizedTest(name = "{0}")
    @MethodSource
    void syslogLineBecomesItsRow(String input, JsonNode row) {
        assertThat(decode(Protocol.SYSLOG, input)).isEqualTo(row);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource
    void jsonLineBecomesItsRow(String input, JsonNode row) {
        assertThat(decode(Protocol.JSON, input)).isEqualTo(row);
    }

    @Test
    void tablesHoldAtLeast150Inputs() {
        assertThat(table("syslog.txt").size() + table("json.txt").size()).isGreaterThanOrEqualTo(150);
    }

    static Stream<Arguments> syslogLineBecomesItsRow() {
        return table("syslog.txt").stream();
    }

    static Stream<Arguments> jsonLineBecomesItsRow() {
        return table("json.txt").stream();
    }

    static JsonNode decode(Protocol protocol, String input) {
        // A Java string hides bytes that are no UTF-8.
        RowCheck.check(protocol, bytes(input));
        return Row.JSON.readTree(
                Row.of(PROTOCOLS.decoder(protocol), bytes(input), RECEIVED_AT).toString());
    }

    /** The frames of a table. */
    static List<byte[]> frames(String table) {
        return table(table).stream()
                .map(arguments -> bytes((String) arguments.get()[0]))
                .toList();
    }

    private static List<Arguments> table(String name) {
        List<Arguments> rows = new ArrayList<>();
        String input = "";
        for (String line : text(name).split("\n")) {
            if (line.startsWith("in  ")) {
                input = line.substring(4);
            } else if (line.startsWith("row ")) {
                rows.add(Arguments.of(input, Row.JSON.readTree(line.substring(4))));
            } else if (!line.isBlank() && !line.startsWith("#")) {
                throw new IllegalArgumentException("Neither in nor row nor comment: " + line);
            }
        }
        return rows;
    }

    private static String text(String name) {
        try (InputStream in = DecodingTableTest.class.getResourceAsStream("/protocol/" + name)) {
            return new String(in.readAllBytes(), UTF_8);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static byte[] bytes(String input) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Matcher matcher = BYTES.matcher(input);
        int from = 0;
        while (matcher.find()) {
            out.writeBytes(input.substring(from, matcher.start()).getBytes(UTF_8));
            out.writeBytes(HexFormat.of().parseHex(matcher.group(1).replace(" ", "")));
            from = matcher.end();
        }
        out.writeBytes(input.substring(from).getBytes(UTF_8));
        return out.toByteArray();
    }
}
