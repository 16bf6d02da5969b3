package dev.sluice.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.event.Protocol;
import dev.sluice.text.Utf8;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Base64;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What others collected to tell right JSON from wrong: see {@code suites/NOTICE.txt}. */
class JsonSuiteTest {

    private static final int NESTING_MAX = 512;
    private static final Protocols PROTOCOLS = new Protocols(ZoneOffset.UTC, NESTING_MAX);

    /** No JSON, but meant clearly: mended, in an object, and the original kept. */
    private static final Set<String> MENDED = Set.of(
            "n_array_comma_after_close",
            "n_array_extra_comma",
            "n_array_number_and_comma",
            "n_number_+Inf",
            "n_number_-NaN",
            "n_number_Inf",
            "n_number_NaN",
            "n_number_infinity",
            "n_number_minus_infinity",
            "n_object_trailing_comma",
            "n_string_escape_x");

    /** A text of JSONTestSuite: {@code y_} is JSON, {@code n_} is none, {@code i_} may be taken or not. */
    record Text(String name, byte[] bytes) {
        @Override
        public String toString() {
            return name;
        }

        /** Not what may be taken or not, and not what is repaired before it is looked at. */
        boolean isDecided() {
            return name.startsWith("y_") || (name.startsWith("n_") && Utf8.isClean(bytes, 0, bytes.length));
        }

        boolean isTaken() {
            return name.startsWith("y_") || MENDED.contains(name);
        }

        boolean isObject() {
            return new String(bytes, UTF_8).strip().startsWith("{");
        }
    }

    @ParameterizedTest
    @MethodSource("texts")
    void jsonIsAnEventWhenItIsAnObjectAndADeadLetterWhenItIsNot(Text text) {
        RowCheck.check(Protocol.JSON, text.bytes);
        if (text.isDecided()) {
            assertThat(isTaken(text.bytes)).isEqualTo(text.isTaken() && text.isObject());
        }
    }

    @ParameterizedTest
    @MethodSource("texts")
    void jsonInsideOfAnEventIsTakenOrMakesItADeadLetter(Text text) {
        byte[] event = MsgPackBytes.join("{\"value\":".getBytes(UTF_8), text.bytes, "}".getBytes(UTF_8));
        RowCheck.check(Protocol.JSON, event);
        RowCheck.check(Protocol.GELF, event);
        RowCheck.check(Protocol.LUMBERJACK, event);
        RowCheck.check(Protocol.FORWARD, MsgPackBytes.join("[\"t\",1,".getBytes(UTF_8), event, "]".getBytes(UTF_8)));
        if (text.isDecided()) {
            assertThat(isTaken(event)).isEqualTo(text.isTaken());
        }
    }

    private static boolean isTaken(byte[] bytes) {
        return !Row.of(PROTOCOLS.decoder(Protocol.JSON), bytes, Instant.EPOCH).has("reject");
    }

    static Stream<Text> texts() {
        Stream<Text> collected = read("json-test-suite.txt").lines().map(line -> {
            int space = line.indexOf(' ');
            return new Text(line.substring(0, space), Base64.getDecoder().decode(line.substring(space + 1)));
        });
        return Stream.concat(
                collected,
                Stream.of(
                        new Text(
                                "n_structure_100000_opening_arrays",
                                "[".repeat(100_000).getBytes(UTF_8)),
                        new Text(
                                "n_structure_open_array_object",
                                "[{\"\":".repeat(50_000).getBytes(UTF_8))));
    }

    private static String read(String name) {
        try (InputStream in = JsonSuiteTest.class.getResourceAsStream("/suites/" + name)) {
            return new String(in.readAllBytes(), UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
