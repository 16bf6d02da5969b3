package dev.sluice.protocol.forward;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.protocol.ForwardRows;
import dev.sluice.protocol.MsgPackBytes;
import dev.sluice.protocol.Row;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/** What others collected to tell right MessagePack from wrong: see {@code suites/NOTICE.txt}. */
class MsgPackSuiteTest {

    /** A value of the MessagePack suite in one of its forms. */
    record Packed(String kind, JsonNode value, String hex) {
        byte[] bytes() {
            return HexFormat.of().parseHex(hex.replace("-", ""));
        }
    }

    @ParameterizedTest
    @MethodSource("packed")
    void everyFormOfAMessagePackValueIsTheSameValue(Packed packed) {
        byte[] bytes = packed.bytes();
        MsgPackHead head = new MsgPackHead();
        assertThat(MsgPack.end(bytes, 0, bytes.length, head)).isEqualTo(bytes.length);
        for (int length = 0; length < bytes.length; length++) {
            assertThat(MsgPack.end(Arrays.copyOf(bytes, length), 0, length, head))
                    .isEqualTo(MsgPack.INCOMPLETE);
        }
        byte[] message = MsgPackBytes.array("t", 1, Map.of("value", new MsgPackBytes.Raw(bytes)));
        JsonNode row = Row.JSON.readTree(ForwardRows.of(message).rows().getFirst());
        JsonNode value = row.path("attributes").path("value");
        switch (packed.kind) {
            case "number", "bignum" ->
                assertThat(value.decimalValue()).isEqualByComparingTo(new BigDecimal(packed.value.asString()));
            case "timestamp", "ext" -> {
                head.read(bytes, 0, bytes.length);
                byte[] payload = Arrays.copyOfRange(bytes, head.size(), bytes.length);
                assertThat(value.asString()).isEqualTo(Base64.getEncoder().encodeToString(payload));
            }
            case "binary" -> assertThat(value.asString()).isEqualTo(text(packed.value));
            default -> assertThat(value).isEqualTo(packed.value);
        }
    }

    /** Binary is taken for text, and repaired where it is none. */
    private static String text(JsonNode hex) {
        byte[] bytes = HexFormat.of().parseHex(hex.asString().replace("-", ""));
        return new String(bytes, UTF_8).replace('\0', '\ufffd');
    }

    static List<Packed> packed() {
        List<Packed> all = new ArrayList<>();
        for (JsonNode group : Row.JSON.readTree(suite())) {
            for (JsonNode value : group) {
                String kind = value.propertyNames().iterator().next();
                value.path("msgpack").forEach(hex -> all.add(new Packed(kind, value.path(kind), hex.asString())));
            }
        }
        return all;
    }

    private static String suite() {
        try (InputStream in = MsgPackSuiteTest.class.getResourceAsStream("/suites/msgpack-test-suite.json")) {
            return new String(in.readAllBytes(), UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
