package dev.sluice.protocol;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.protocol.lumberjack.LumberjackWire;
import dev.sluice.testing.CountingLoader;
import dev.sluice.testing.Steps;
import io.airlift.compress.v3.zstd.ZstdOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A hostile shipper chooses its bytes so that framing, decoding and encoding work most. However it does, and however
 * they are cut, twice the bytes make at most about twice the work. Steps are counted, not time: see
 * {@link CountingLoader}.
 */
class ProtocolWorkTest {

    /**
     * Streams of this size, and of twice and four times the size, are compared; with a dead letter for each two bytes
     * the last one makes less than the megabyte of rows whose array the encoder keeps.
     */
    private static final int SIZE = 2 * 1024;

    /** Something of the work is the same for every stream, and arrays grow by doubling. */
    private static final double DOUBLE_MAX = 2.6;

    /** The bytes that mean something to some protocol, and a few that mean nothing. */
    private static final String LETTERS = "{}[]\"\\,:<>=. 0129-+TZeux\n\r\0\t\u00c3\u00a4\u00ed\u00ff";

    private static Function<String, BiConsumer<byte[], Integer>> counted;

    @BeforeAll
    @SuppressWarnings("unchecked") // a twin of CountedProtocols
    static void loadCountedCode() throws ReflectiveOperationException {
        CountingLoader loader = new CountingLoader("dev.sluice", "io.airlift.compress");
        counted = (Function<String, BiConsumer<byte[], Integer>>) loader.make(CountedProtocols.class);
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', quoteCharacter = '`', textBlock = """
            `<14>1 - h a - - [x a="`            ; `\\"`              ; `"] m`
            `<14>1 - h a - - [x a="`            ; `\\]`              ; `"] m`
            `<14>1 - h a - - `                  ; `[a b="c"]`        ; ` m`
            `<14>1 - h a - - [a`                ; ` b="c"`           ; `] m`
            `<14>1 - h a - - [a`                ; ` b="c"`           ; ` m`
            `<14>1 - h a - - [a`                ; ` `                ; `b="c"] m`
            `<14>1 - h a - - `                  ; `[`                ; ` m`
            `<14>1 - h a - - `                  ; `[a]`              ; `m`
            `<14>1 2026-03-01T00:00:00.`        ; `0`                ; `Z h a - - - m`
            `<14>1 - h a - - - `                ; `\\0x`             ; m
            `<14>1 - h a - - - `                ; `\\xC1`            ; m
            `<14>1 - h a - - - `                ; `\\xE2\\x82`       ; m
            `<14>Mar  1 00:00:00 h `            ; `a[1]`             ; `: m`
            `<14>Mar  1 00:00:00`               ; ` `                ; m
            `<14>`                              ; `Mar `             ; m
            ``                                  ; `<14>`             ; ``
            ``                                  ; `<14>x`            ; ``
            ``                                  ; `1`                ; ``
            ``                                  ; `1 `               ; ``
            ``                                  ; `1 <`              ; ``
            ``                                  ; `7 <14>`           ; ``
            ``                                  ; `8 <14>xy`         ; ``
            ``                                  ; `99 <14>xy`        ; ``
            ``                                  ; `512 <14>`         ; ``
            ``                                  ; `200 OK\\n`        ; ``
            `9 <14>abcde`                       ; `\\xC3\\xA4`       ; ``
            `77777 <14>`                        ; `77 <`             ; ``
            `8000 <14>`                         ; `\\n`              ; ``
            """)
    void syslogTakesLinearWork(String before, String hostile, String after) {
        assertLinear("SYSLOG", before, hostile, after);
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', quoteCharacter = '`', textBlock = """
            `{"a":`                             ; `[`                ; `1`
            `{"a":[`                            ; `[[[[1]]]],`       ; `1]}\\n`
            ``                                  ; `{"a":`            ; `1`
            `{`                                 ; `"a":1,`           ; `"m":1}\\n`
            `{`                                 ; `"host":"h",`      ; `"m":1}\\n`
            `{`                                 ; `"message":"h",`   ; `"m":1}\\n`
            `{"a":"`                            ; `\\u0061`          ; `"}\\n`
            `{"a":"`                            ; `\\ud800`          ; `"}\\n`
            `{"message":"`                      ; `\\u0000`          ; `"}\\n`
            `{"`                                ; `\\u0061`          ; `":1}\\n`
            `{"@timestamp":"`                   ; `0`                ; `"}\\n`
            `{"@timestamp":`                    ; `9`                ; `}\\n`
            `{"@timestamp":1.`                  ; `9`                ; `}\\n`
            `{"a":1e`                           ; `9`                ; `}\\n`
            `{"level":"`                        ; `x`                ; `"}\\n`
            `{"level":{"a":`                    ; `[],`              ; `1}}\\n`
            `{"a":"`                            ; `\\0`              ; `"}\\n`
            `{"a":"`                            ; `\\xFF`            ; `"}\\n`
            ``                                  ; `{}`               ; ``
            ``                                  ; `{"a":1}`          ; ``
            ``                                  ; `} {`              ; ``
            `{"a":"`                            ; `}{`               ; `"}\\n`
            `{"a":"`                            ; `}\\n{`            ; `"}\\n`
            `{"a":"`                            ; `\\n{`             ; ``
            ``                                  ; `{`                ; ``
            `x`                                 ; `{`                ; ``
            ``                                  ; `"`                ; ``
            """)
    void jsonTakesLinearWork(String before, String hostile, String after) {
        assertLinear("JSON", before, hostile, after);
        assertLinear("GELF", before, hostile, after.replace("\\n", "\\0"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', quoteCharacter = '`', textBlock = """
            RELP       ; `1 open 0\\n`          ; `2 syslog 1 x\\n`
            RELP       ; `1 open 0\\n`          ; `2 rsp 0\\n`
            RELP       ; ``                     ; `1`
            RELP       ; ``                     ; `1 `
            RELP       ; `1 open 9000 `         ; `x=y\\n`
            LUMBERJACK ; ``                     ; `2W\\0\\0\\0\\0`
            LUMBERJACK ; ``                     ; `2W\\0\\0\\0\\x01`
            LUMBERJACK ; `2W\\0\\0\\x10\\0`     ; `2J\\0\\0\\0\\x01\\0\\0\\0\\x02{}`
            LUMBERJACK ; `2W\\0\\0\\x10\\0`     ; `1D\\0\\0\\0\\x01\\0\\0\\0\\0`
            FORWARD    ; ``                     ; `\\x92`
            FORWARD    ; ``                     ; `\\xC0`
            FORWARD    ; ``                     ; `\\x93\\xA1t\\x01\\x80`
            FORWARD    ; ``                     ; `\\x92\\xA1t\\x91\\x92\\x01\\x80`
            FORWARD    ; `\\x92\\xA1t`          ; `\\x91`
            FORWARD    ; `["t",`                ; `[`
            FORWARD    ; `["t",[[1,{"a":"`      ; `]}\\"`
            FORWARD    ; ``                     ; `["t",1,{}]`
            """)
    void theOthersTakeLinearWork(String protocol, String before, String hostile) {
        assertLinear(protocol, before, hostile, "");
    }

    @Test
    void manyNamesTakeLinearWork() {
        assertLinear("JSON", size -> bytes("{" + numbered("\"k%d\":1,", size) + "\"k1\":2}\n"));
        assertLinear("SYSLOG", size -> bytes("<14>1 - h a - - [a" + numbered(" k%d=\"1\"", size) + " k1=\"2\"] m\n"));
        assertLinear("SYSLOG", size -> bytes("<14>1 - h a - - " + numbered("[k%d a=\"1\"]", size) + "[k1] m\n"));
        assertLinear("LUMBERJACK", size -> {
            String[] pairs = numbered("k%d ", size / 8).split(" ");
            return LumberjackWire.join(
                    LumberjackWire.window(1), LumberjackWire.pairs(1, Arrays.copyOf(pairs, 2 * (pairs.length / 2))));
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"gzip", "zstd"})
    void whatIsPackedTakesLinearWork(String compression) {
        byte[] entry = MsgPackBytes.array(1, Map.of("a", "b"));
        assertLinear("FORWARD", size -> packed(compression, repeated(entry, size)));
        byte[] nothing = compress(compression, new byte[0]);
        assertLinear("FORWARD", size -> message(compression, repeated(nothing, size)));
        assertLinear("FORWARD", size -> packed(compression, MsgPackBytes.array(1, Map.of("a", "b".repeat(size)))));
        assertLinear("FORWARD", size -> {
            ByteArrayOutputStream members = new ByteArrayOutputStream();
            for (byte b : repeated(entry, size / 20)) {
                members.writeBytes(compress(compression, new byte[] {b}));
            }
            return message(compression, members.toByteArray());
        });
    }

    @Test
    void aCompressedFrameTakesLinearWork() {
        byte[] empty = LumberjackWire.window(0);
        byte[] event = LumberjackWire.json(1, "{\"a\":1}");
        assertLinear("LUMBERJACK", size -> LumberjackWire.compressed(repeated(empty, 4 * size)));
        assertLinear(
                "LUMBERJACK",
                size -> LumberjackWire.compressed(LumberjackWire.window(1 << 20), repeated(event, 4 * size)));
        assertLinear("LUMBERJACK", size -> repeated(LumberjackWire.compressed(empty), size));
        assertLinear(
                "LUMBERJACK",
                size -> LumberjackWire.compressed(
                        LumberjackWire.window(1), LumberjackWire.json(1, "{\"a\":\"" + "x".repeat(4 * size) + "\"}")));
    }

    /** Words of what protocols are made of, repeated: nobody has to think of the one that hurts. */
    @ParameterizedTest
    @CsvSource(delimiter = ';', quoteCharacter = '`', textBlock = """
            SYSLOG  ; ``                        ; ``
            SYSLOG  ; `<14>1 - h a - - `        ; ` m\\n`
            SYSLOG  ; `<14>`                    ; `\\n`
            SYSLOG  ; `10 <14>`                 ; ``
            JSON    ; `{`                       ; `}\\n`
            JSON    ; `{"a":"`                  ; `"}\\n`
            GELF    ; `{"a":`                   ; `}\\0`
            FORWARD ; `["t",[`                  ; `]]`
            RELP    ; `1 open 0\\n2 syslog `    ; ``
            """)
    void noWordRepeatedTakesMoreThanLinearWork(String protocol, String before, String after) {
        Random random = new Random(before.hashCode());
        for (int i = 0; i < 40; i++) {
            StringBuilder word = new StringBuilder();
            for (int j = random.nextInt(7); j >= 0; j--) {
                word.append(LETTERS.charAt(random.nextInt(LETTERS.length())));
            }
            String hostile = word.toString();
            assertLinear(
                    protocol,
                    size -> bytes(unescaped(before) + hostile.repeat(size / hostile.length()) + unescaped(after)));
        }
    }

    private static void assertLinear(String protocol, String before, String hostile, String after) {
        String word = unescaped(hostile);
        assertLinear(protocol, size -> bytes(unescaped(before) + word.repeat(size / word.length()) + unescaped(after)));
    }

    /** The stream as a whole, and byte by byte. */
    private static void assertLinear(String protocol, IntFunction<byte[]> stream) {
        for (int read : new int[] {1 << 20, 1}) {
            long[] steps = new long[3];
            for (int i = 0; i < steps.length; i++) {
                byte[] bytes = stream.apply(SIZE << i);
                BiConsumer<byte[], Integer> run = counted.apply(protocol);
                run.accept(bytes, read); // arrays have grown
                steps[i] = Steps.of(() -> run.accept(bytes, read));
            }
            String what = "%s steps for %s in reads of %d: %s"
                    .formatted(Arrays.toString(steps), protocol, read, new String(stream.apply(100), ISO_8859_1));
            assertThat((double) steps[1] / steps[0]).as(what).isLessThan(DOUBLE_MAX);
            assertThat((double) steps[2] / steps[1]).as(what).isLessThan(DOUBLE_MAX);
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(ISO_8859_1);
    }

    /**
     * Backslash and n, 0, r or a byte in hexadecimal stand for what they do in Java; other backslashes for themselves.
     */
    private static String unescaped(String text) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char next = i + 1 < text.length() && text.charAt(i) == '\\' ? text.charAt(i + 1) : '-';
            switch (next) {
                case 'n' -> out.append('\n');
                case '0' -> out.append('\0');
                case 'x' -> out.append((char) Integer.parseInt(text.substring(i + 2, i + 4), 16));
                default -> out.append(text.charAt(i));
            }
            i += next == 'x' ? 3 : next == 'n' || next == '0' ? 1 : 0;
        }
        return out.toString();
    }

    private static String numbered(String format, int size) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; out.length() < size; i++) {
            out.append(format.formatted(i));
        }
        return out.toString();
    }

    private static byte[] repeated(byte[] part, int size) {
        return MsgPackBytes.join(
                Collections.nCopies(size / part.length + 1, part).toArray(byte[][]::new));
    }

    private static byte[] packed(String compression, byte[] entries) {
        return message(compression, compress(compression, entries));
    }

    private static byte[] message(String compression, byte[] compressed) {
        return MsgPackBytes.of(List.of("t", compressed, Map.of("compressed", compression)));
    }

    private static byte[] compress(String compression, byte[] bytes) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (OutputStream packer = compression.equals("gzip") ? new GZIPOutputStream(out) : new ZstdOutputStream(out)) {
            packer.write(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }
}
