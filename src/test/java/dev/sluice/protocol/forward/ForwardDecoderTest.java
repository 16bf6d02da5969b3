package dev.sluice.protocol.forward;

import static dev.sluice.protocol.MsgPackBytes.array;
import static dev.sluice.protocol.MsgPackBytes.join;
import static dev.sluice.protocol.MsgPackBytes.raw;
import static dev.sluice.protocol.MsgPackBytes.time;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.protocol.ForwardRows;
import dev.sluice.protocol.MsgPackBytes;
import dev.sluice.protocol.Row;
import io.airlift.compress.v3.zstd.ZstdOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of Forward messages. */
class ForwardDecoderTest {

    private static final int SECONDS = 1_795_478_400;
    private static final String AT = "2026-11-24T00:00:00";
    private static final Map<String, Object> RECORD = Map.of("log", "hello");

    @Test
    void everyCarrierBecomesTheSameEvents() {
        byte[] entry = array(time(SECONDS, 5000), RECORD);
        String row = "{\"event_at\":\"%s.000005Z\",\"message\":\"hello\",\"attributes\":{\"fluent.tag\":\"a.b\"}}"
                .formatted(AT);
        assertThat(rows(array("a.b", time(SECONDS, 5000), RECORD))).containsExactly(row);
        assertThat(rows(array("a.b", List.of(new MsgPackBytes.Raw(entry), new MsgPackBytes.Raw(entry)))))
                .containsExactly(row, row);
        byte[] packed = join(entry, entry, entry);
        assertThat(rows(array("a.b", packed))).containsExactly(row, row, row);
        assertThat(rows(array("a.b", new MsgPackBytes.Raw(string(packed)), Map.of("compressed", "text"))))
                .containsExactly(row, row, row);
    }

    @ParameterizedTest
    @CsvSource({
        "d700 6b04d380 00001388, .000005Z",
        "c70800 6b04d380 3b9ac9ff, .999999Z",
        "ce6b04d380, Z",
        "d3000000006b04d380, Z",
        "cb41dac134e0200000, .500Z",
        "c0, none",
        "00, none",
        "ff, none",
        "cbfff8000000000000, none",
        "d701 6b04d380 00001388, none",
        "92 d7006b04d38000001388 80, .000005Z"
    })
    void timesOfEveryKindAreRead(String hex, String expected) {
        String row = rows(array(
                        "t", List.of(new MsgPackBytes.Raw(join(raw("92" + hex).bytes(), MsgPackBytes.of(RECORD))))))
                .getFirst();
        if (expected.equals("none")) {
            assertThat(row).doesNotContain("event_at");
        } else {
            assertThat(row).contains("\"event_at\":\"" + AT + expected + "\"");
        }
    }

    @Test
    void messagesAsJsonBecomeTheSameEvents() {
        String row = "{\"event_at\":\"%s.500Z\",\"message\":\"hello\",\"attributes\":{\"fluent.tag\":\"a.\\\"b\"}}"
                .formatted(AT);
        String tag = "\"a.\\u0022b\"";
        String entry = "%d.5 , {\"log\":\"hello\"}".formatted(SECONDS);
        assertThat(rows(json("[%s, %s]", tag, entry))).containsExactly(row);
        assertThat(rows(json("[%s, %s, null]", tag, entry))).containsExactly(row);
        assertThat(rows(json("[%s, [[%s] ,[ %s ]], {\"size\":2}]", tag, entry, entry)))
                .containsExactly(row, row);
        assertThat(rows(json("[%s, [ ]]", tag))).isEmpty();
        assertThat(rows(json("[\"t\", null, {\"log\":\"hello\"}]")))
                .containsExactly("{\"message\":\"hello\",\"attributes\":{\"fluent.tag\":\"t\"}}");
    }

    @Test
    void ofMessagesAsJsonWhatIsNoEntryIsADeadLetterBesideItsNeighbours() {
        assertThat(rows(json("[\"t\",[[1,{\"log\":\"a\"}],[1,2],7,[1,{},3],[1,{\"log\":\"b\"}]]]")))
                .satisfiesExactly(
                        first -> assertThat(first).contains("\"message\":\"a\""),
                        second -> assertThat(second).isEqualTo("reject malformed_forward [\"t\",[[1,2]]]"),
                        third -> assertThat(third).isEqualTo("reject malformed_forward [\"t\",[7]]"),
                        fourth -> assertThat(fourth).isEqualTo("reject malformed_forward [\"t\",[[1,{},3]]]"),
                        fifth -> assertThat(fifth).contains("\"message\":\"b\""));
        for (String none : List.of(
                "[]", "[\"t\"]", "[1,2,{}]", "[\"t\",1]", "[\"t\",1,{},{},{}]", "[\"t\",1,{},7]", "[\"t\" 1,{}]")) {
            assertThat(rows(json(none))).containsExactly("reject malformed_forward " + none);
        }
        assertThat(rows(json("[\"t\",\"packed\",{}]"))).hasSize(1); // a time that is none
        assertThat(rows(json("[\"t\",1,{\"a\":%s}]", "[".repeat(64) + "]".repeat(64)))
                        .getFirst())
                .startsWith("reject nested_too_deep");
        assertThat(rows(json("[\"t\",1,{\"a\":%s}]", "[".repeat(600) + "]".repeat(600)))
                        .getFirst())
                .startsWith("reject malformed_forward");
    }

    @Test
    void ofMessagesAsJsonBytesThatAreNoTextAreKept() {
        byte[] message = "[\"t\\u0000\377\",1,{\"log\":\"\377\"}]".getBytes(ISO_8859_1);
        assertThat(rows(message).getFirst())
                .contains("\"message\":\"\ufffd\"", "\"fluent.tag\":\"t\ufffd\ufffd\"", "sluice.original");
    }

    @Test
    void aMessageAsJsonIsKnownByItsTagAndChunk() {
        assertThat(ForwardRows.of(json("[\"t\",1,{},{\"chunk\":\"c\"}]")).identity())
                .isEqualTo("\"t\"\"c\"".getBytes(UTF_8));
        assertThat(ForwardRows.of(json("[\"t\",1,{},{\"chunk\":7}]")).identity())
                .isNull();
    }

    private static byte[] json(String format, Object... values) {
        return format.formatted(values).getBytes(UTF_8);
    }

    @Test
    void metadataIsKept() {
        byte[] entry = array(List.of(time(SECONDS, 0), Map.of("k", 1)), RECORD);
        assertThat(rows(array("t", entry)).getFirst()).contains("\"fluent.metadata\":{\"k\":1}");
    }

    @Test
    void theUsualNamesBecomeColumnsAndTheTimeOfTheEntryCounts() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("level", "warn");
        fields.put("message", "m");
        fields.put("host", "h");
        fields.put("service", "s");
        fields.put("pid", 7);
        fields.put("time", "2001-01-01T00:00:00Z");
        assertThat(rows(array("t", SECONDS, fields)))
                .containsExactly(("{\"event_at\":\"%sZ\",\"severity\":4,\"host\":\"h\",\"app\":\"s\",\"proc_id\":\"7\","
                                + "\"message\":\"m\",\"attributes\":{\"fluent.tag\":\"t\","
                                + "\"time\":\"2001-01-01T00:00:00Z\"}}")
                        .formatted(AT));
    }

    /** After the cases of the msgpack test suite: every form of every type. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "00 | 0",
                "7f | 127",
                "cc80 | 128",
                "cd0100 | 256",
                "ce00010000 | 65536",
                "cf0000000100000000 | 4294967296",
                "cfffffffffffffffff | 18446744073709551615",
                "e0 | -32",
                "ff | -1",
                "d0df | -33",
                "d18000 | -32768",
                "d280000000 | -2147483648",
                "d38000000000000000 | -9223372036854775808",
                "d300000000000000 05 | 5",
                "ca3f800000 | 1.0",
                "ca3dcccccd | 0.1",
                "cb3ff199999999999a | 1.1",
                "cb7ff0000000000000 | \"Infinity\"",
                "c2 | false",
                "c3 | true",
                "c0 | null",
                "a0 | \"\"",
                "a22200 | \"\\\"�\"",
                "d90161 | \"a\"",
                "da000161 | \"a\"",
                "db0000000161 | \"a\"",
                "c40161 | \"a\"",
                "c5000161 | \"a\"",
                "c60000000161 | \"a\"",
                "a5 610a08095c | \"a\\n\\b\\t\\\\\"",
                "90 | []",
                "dc000101 | [1]",
                "dd0000000101 | [1]",
                "80 | {}",
                "de0001a16101 | {\"a\":1}",
                "df00000001a16101 | {\"a\":1}",
                "810102 | {\"1\":2}",
                "81c002 | {\"null\":2}",
                "d40561 | \"YQ==\"",
                "d5056162 | \"YWI=\"",
                "c7010561 | \"YQ==\"",
                "a2c328 | \"�(\""
            })
    void everyValueBecomesJson(String hex, String json) {
        byte[] record = join(raw("81a176").bytes(), raw(hex).bytes());
        String row = rows(array("t", SECONDS, new MsgPackBytes.Raw(record))).getFirst();
        assertThat(Row.JSON.readTree(row).get("attributes").get("v")).isEqualTo(Row.JSON.readTree(json));
    }

    @Test
    void whatJsonCannotSayIsKeptAsItCame() {
        byte[] entry = array(SECONDS, Map.of("log", raw("a2ff00")));
        String row = rows(array("t", List.of(new MsgPackBytes.Raw(entry)))).getFirst();
        assertThat(row)
                .contains("\"message\":\"\ufffd\ufffd\"")
                .contains("\"sluice.original\":\"" + Base64.getEncoder().encodeToString(entry) + "\"");
    }

    @Test
    void anEntryThatIsNoneLeavesItsNeighboursAlone() {
        byte[] packed =
                join(array(SECONDS, RECORD), array(1), raw("a161").bytes(), array(SECONDS, 5), array(SECONDS, RECORD));
        assertThat(rows(array("t", packed)))
                .hasSize(5)
                .element(1)
                .isEqualTo("reject malformed_forward "
                        + new String(
                                join(raw("92db00000001").bytes(), raw("7491").bytes(), array(1)), ISO_8859_1));
    }

    @Test
    void aRecordThatIsTooDeepIsADeadLetter() {
        byte[] deep = new byte[100_000];
        Arrays.fill(deep, (byte) 0x91);
        deep[deep.length - 1] = 1;
        byte[] record = join(raw("81a176").bytes(), deep);
        assertThat(rows(array("t", SECONDS, new MsgPackBytes.Raw(record))).getFirst())
                .startsWith("reject nested_too_deep");
    }

    @ParameterizedTest
    @ValueSource(strings = {"gzip", "zstd"})
    void compressedEntriesOfAnySizeAreInflatedStepByStep(String compression) throws IOException {
        byte[] packed = new byte[0];
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int i = 0; i < 5000; i++) {
            out.writeBytes(array(SECONDS, Map.of("log", "event " + i + "x".repeat(i % 300))));
        }
        out.writeBytes(array(SECONDS, Map.of("log", "y".repeat(200_000))));
        packed = out.toByteArray();
        byte[] half = Arrays.copyOf(packed, packed.length / 2);
        byte[] rest = Arrays.copyOfRange(packed, packed.length / 2, packed.length);
        byte[] members =
                join(compress(compression, half), compress(compression, new byte[0]), compress(compression, rest));
        List<String> rows = rows(array("t", members, Map.of("compressed", compression)));
        assertThat(rows).hasSize(5001);
        assertThat(rows.get(4321)).contains("event 4321x");
    }

    @ParameterizedTest
    @ValueSource(strings = {"gzip", "zstd"})
    void aBombIsOneDeadLetterWithItsBytes(String compression) throws IOException {
        byte[] entry = array(SECONDS, Map.of("log", "\0".repeat(200_000)));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (OutputStream compressing = compressing(compression, out)) {
            for (int i = 0; i < 500; i++) {
                compressing.write(entry);
            }
        }
        byte[] bomb = array("t", out.toByteArray(), Map.of("compressed", compression));
        assertThat(bomb.length).isLessThan(150_000);
        assertThat(rows(bomb)).containsExactly("reject oversize_frame " + new String(bomb, ISO_8859_1));
    }

    @ParameterizedTest
    @ValueSource(strings = {"gzip", "zstd", "lz4"})
    void brokenCompressionIsOneDeadLetterWithItsBytes(String compression) throws IOException {
        byte[] good = compress(compression.equals("zstd") ? "zstd" : "gzip", array(SECONDS, RECORD));
        byte[] broken = Arrays.copyOf(good, good.length - 3);
        byte[] garbage = join(good, "garbage".getBytes(UTF_8));
        for (byte[] data : List.of(broken, garbage)) {
            byte[] message = array("t", data, Map.of("compressed", compression));
            assertThat(rows(message)).containsExactly("reject malformed_forward " + new String(message, ISO_8859_1));
        }
    }

    @Test
    void rowsThatOutgrowTheirBoundAreTakenBack() {
        byte[] packed = raw("920080".repeat(60_000)).bytes();
        byte[] message = array("t", packed);
        assertThat(rows(message)).containsExactly("reject oversize_frame " + new String(message, ISO_8859_1));
    }

    @Test
    void entriesThatBreakOffAreOneDeadLetter() {
        byte[] message = array("t", join(array(SECONDS, RECORD), raw("92ce").bytes()));
        assertThat(rows(message)).containsExactly("reject malformed_forward " + new String(message, ISO_8859_1));
    }

    @Test
    void aChunkIsKnownByTagAndId() {
        assertThat(identity("a", "1")).isEqualTo(identity("a", "1"));
        assertThat(identity("a", "1")).isNotEqualTo(identity("a", "2")).isNotEqualTo(identity("b", "1"));
        assertThat(ForwardRows.of(array("a", "", Map.of())).identity()).isNull();
    }

    private static byte[] identity(String tag, String chunk) {
        return ForwardRows.of(array(tag, "", Map.of("chunk", chunk))).identity();
    }

    private static List<String> rows(byte[] message) {
        return ForwardRows.of(message).rows();
    }

    private static byte[] string(byte[] content) {
        byte[] bytes = MsgPackBytes.of(content);
        bytes[0] = (byte) 0xDB;
        return bytes;
    }

    private static byte[] compress(String compression, byte[] bytes) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (OutputStream compressing = compressing(compression, out)) {
            compressing.write(bytes);
        }
        return out.toByteArray();
    }

    private static OutputStream compressing(String compression, OutputStream out) throws IOException {
        return compression.equals("zstd") ? new ZstdOutputStream(out) : new GZIPOutputStream(out);
    }
}
