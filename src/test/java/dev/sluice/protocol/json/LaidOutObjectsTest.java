package dev.sluice.protocol.json;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.protocol.Frames;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Objects that a logger lays out in lines, on a connection whose objects end with LF. */
class LaidOutObjectsTest {

    private static final String NEXT = "{\"message\":\"next\"}";
    private static final String PRETTY =
            "{\n  \"message\" : \"a { \\\" b\",\n  \"c\" : {\n    \"d\" : [\n{\n},\n{\n}\n]\n  }\n}";
    private static final int FRAME_BYTES_MAX = 256;

    static List<Arguments> streams() {
        return List.of(
                Arguments.of(PRETTY + "\n", List.of(PRETTY)),
                Arguments.of(PRETTY + "\n" + PRETTY + "\n" + NEXT + "\n", List.of(PRETTY, PRETTY, NEXT)),
                Arguments.of(NEXT + "\n" + PRETTY + NEXT + PRETTY, List.of(NEXT, PRETTY, NEXT, PRETTY)),
                Arguments.of("{ \r\n\"a\":1\r\n}\r\n" + NEXT + "\r\n", List.of("{ \r\n\"a\":1\r\n}", NEXT)),
                Arguments.of(
                        "\u00ef\u00bb\u00bf{\n\"a\":1\n}\n" + NEXT, List.of("\u00ef\u00bb\u00bf{\n\"a\":1\n}", NEXT)),
                Arguments.of("{\n}\n{}\n", List.of("{\n}", "{}")),
                // What breaks off ends where a line begins the next object.
                Arguments.of("{\n" + NEXT + "\n", List.of("{", NEXT)),
                Arguments.of("{\n  \"a\" : \"b\n" + NEXT + "\n", List.of("{\n  \"a\" : \"b", NEXT)),
                Arguments.of("{\n  \"a\" : 1\n" + PRETTY, List.of("{\n  \"a\" : 1", PRETTY)),
                // Only a brace alone begins one: any other line that is not whole was cut.
                Arguments.of("{\"a\":\n1}\n" + NEXT + "\n", List.of("{\"a\":", "1}", NEXT)),
                Arguments.of("{\"a\":{\n}}\n" + NEXT + "\n", List.of("{\"a\":{", "}}", NEXT)),
                Arguments.of("x {\n" + NEXT + "\n", List.of("x {", NEXT)),
                // Three bytes beyond ASCII are not the mark of UTF-8, also where the line is too long to be one.
                Arguments.of(tooLong("\u00de\u00de\u00de{") + "\n" + NEXT, tooLongAndNext("\u00de\u00de\u00de{")),
                Arguments.of(tooLong("\u00ef\u00bb{") + "\n" + NEXT, tooLongAndNext("\u00ef\u00bb{")));
    }

    @ParameterizedTest
    @MethodSource("streams")
    void endWithTheirLastBrace(String stream, List<String> objects) {
        byte[] bytes = stream.getBytes(ISO_8859_1);
        for (int cut = 0; cut <= bytes.length; cut++) {
            for (int other = cut; other <= bytes.length; other++) {
                assertThat(Frames.read(ObjectFramer.lines(FRAME_BYTES_MAX), bytes, cut, other))
                        .as("read up to %d and %d", cut, other)
                        .isEqualTo(objects);
            }
        }
    }

    private static String tooLong(String start) {
        return start + "\0".repeat(FRAME_BYTES_MAX);
    }

    private static List<String> tooLongAndNext(String start) {
        return List.of(
                "oversize_frame " + tooLong(start).substring(0, FRAME_BYTES_MAX),
                "oversize_frame " + "\0".repeat(start.length()),
                NEXT);
    }
}
