package dev.sluice.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.event.EventSink;
import dev.sluice.event.Framer;
import dev.sluice.event.Framer.Found;
import dev.sluice.event.LogEvent;
import dev.sluice.event.Protocol;
import dev.sluice.event.RejectReason;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What real shippers sent ({@code src/test/resources/inputs/cases.jsonl}, from public reports of bugs), each followed
 * by a good event on the same connection. Expected are columns of the first row, the number of rows and of dead
 * letters, and that the good event is stored as well.
 */
class InputCasesTest {

    private static final JsonMapper JSON = new JsonMapper();
    private static final int FRAME_BYTES_MAX = 262_144;
    private static final Instant RECEIVED_AT = Instant.parse("2026-11-28T00:00:00Z");
    private static final Protocols PROTOCOLS = new Protocols(ZoneOffset.UTC, 64);
    private static final String GOOD = "the good event";

    private static final Map<String, byte[]> THEN = Map.of(
            "none", new byte[0],
            "lf", ("<14>1 2026-11-27T12:00:00Z h1 app - - - " + GOOD + "\n").getBytes(UTF_8),
            "oct", ("54 <14>1 2026-11-27T12:00:00Z h1 app - - - " + GOOD).getBytes(UTF_8),
            "json", ("{\"message\":\"" + GOOD + "\"}\n").getBytes(UTF_8),
            "gelf", ("{\"version\":\"1.1\",\"host\":\"h\",\"short_message\":\"" + GOOD + "\"}\0").getBytes(UTF_8),
            "fwd", MsgPackBytes.array("t", 1_795_780_800, Map.of("message", GOOD)),
            "lj", lumberjack("{\"message\":\"" + GOOD + "\"}"));

    @ParameterizedTest(name = "{0}")
    @MethodSource
    void isStoredAsExpected(String name, JsonNode given) throws IOException {
        ByteArrayOutputStream stream = new ByteArrayOutputStream();
        stream.write(Base64.getDecoder().decode(given.get("bytes_base64").asString()));
        stream.write(THEN.get(given.get("then").asString()));
        Connection connection = new Connection(
                given.get("listener").asString(), given.path("join_lines").asInt(0));
        connection.read(stream.toByteArray());
        List<JsonNode> rows = connection.rows;
        if (!given.get("then").asString().equals("none")) {
            assertThat(rows).as("rows").isNotEmpty();
            assertThat(rows.removeLast().get("message").asString()).endsWith(GOOD);
        }
        for (Map.Entry<String, JsonNode> expected : given.get("expect").properties()) {
            assertThat(actual(expected.getKey(), connection))
                    .as("%s of %s", expected.getKey(), rows)
                    .isEqualTo(text(expected.getValue()));
        }
    }

    static Stream<Arguments> isStoredAsExpected() throws IOException {
        try (InputStream lines = InputCasesTest.class.getResourceAsStream("/inputs/cases.jsonl")) {
            return new String(lines.readAllBytes(), UTF_8)
                            .lines()
                            .map(JSON::readTree)
                            .map(given -> Arguments.of(given.get("name").asString(), given))
                            .toList()
                            .stream();
        }
    }

    private static String actual(String expected, Connection connection) {
        return switch (expected) {
            case "rows" -> String.valueOf(connection.rows.size());
            case "dead" -> String.valueOf(connection.dead.size());
            case "event_at" -> time(connection.rows.getFirst());
            default -> text(connection.rows.getFirst().get(expected));
        };
    }

    private static String text(JsonNode value) {
        return value == null || value.isNull() ? "null" : value.isString() ? value.asString() : value.toString();
    }

    private static String time(JsonNode row) {
        if (!row.has("event_at")) {
            return "(received)";
        }
        long micros = ChronoUnit.MICROS.between(
                Instant.EPOCH, Instant.parse(row.get("event_at").asString()));
        return Instant.ofEpochSecond(micros / 1_000_000).toString().replace("Z", ".%06d".formatted(micros % 1_000_000));
    }

    private static byte[] lumberjack(String json) {
        byte[] bytes = json.getBytes(UTF_8);
        ByteArrayOutputStream window = new ByteArrayOutputStream();
        window.writeBytes(new byte[] {'2', 'W', 0, 0, 0, 1, '2', 'J', 0, 0, 0, 1, 0, 0, 0, (byte) bytes.length});
        window.writeBytes(bytes);
        return window.toByteArray();
    }

    /** One connection from detection to rows, as the listener and a worker read it. */
    private static final class Connection implements EventSink {

        final List<JsonNode> rows = new ArrayList<>();
        final List<String> dead = new ArrayList<>();

        private final String listener;
        private final int joinLines;
        private final LogEvent event = new LogEvent();

        Connection(String listener, int joinLines) {
            this.listener = listener;
            this.joinLines = joinLines;
        }

        void read(byte[] stream) {
            if (PROTOCOLS.firstBytes(stream, 0, stream.length).isForeign()) {
                dead.add("the connection is closed");
                return;
            }
            Protocol protocol = listener.equals("auto")
                    ? PROTOCOLS.detector().detect(stream, 0, stream.length, true)
                    : Protocol.valueOf(listener.toUpperCase(Locale.ROOT));
            Framer framer = PROTOCOLS.framer(protocol, FRAME_BYTES_MAX, joinLines, null);
            Framer.Frame frame = new Framer.Frame();
            int at = 0;
            while (at < stream.length) {
                Found found = framer.next(stream, at, stream.length, frame);
                found = found == Found.INCOMPLETE ? framer.last(stream, at, stream.length, frame) : found;
                if (found == Found.NO_ROOM) {
                    frame.grant();
                    continue;
                }
                if (found == Found.MALFORMED || found == Found.INCOMPLETE) {
                    dead.add(found.name());
                    return;
                }
                byte[] payload = Arrays.copyOfRange(frame.arrayOr(stream), frame.from(), frame.to());
                if (found == Found.FRAME) {
                    event.reset(ChronoUnit.MICROS.between(Instant.EPOCH, RECEIVED_AT));
                    PROTOCOLS.decoder(protocol).decode(payload, 0, payload.length, event, this);
                } else if (found == Found.REJECTED) {
                    reject(frame.reason(), "", payload, 0, payload.length);
                }
                at = frame.next();
            }
        }

        @Override
        public void event(LogEvent decoded) {
            rows.add(Row.of(decoded));
        }

        @Override
        public void reject(RejectReason reason, String detail, byte[] bytes, int from, int to) {
            dead.add(reason.label() + " " + new String(bytes, from, to - from, UTF_8));
        }
    }
}
