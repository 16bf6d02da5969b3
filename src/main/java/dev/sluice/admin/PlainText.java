package dev.sluice.admin;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.util.HexFormat;

/**
 * Bytes of shippers as text that is safe to look at, and from which the bytes can be told: what is no UTF-8, controls,
 * and characters that change how their neighbours look, are written as escapes.
 */
final class PlainText {

    private static final HexFormat HEX = HexFormat.of();

    private PlainText() {}

    static String of(byte[] bytes) {
        StringBuilder text = new StringBuilder(bytes.length);
        CharsetDecoder decoder = UTF_8.newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT);
        ByteBuffer in = ByteBuffer.wrap(bytes);
        CharBuffer out = CharBuffer.allocate(bytes.length);
        while (in.hasRemaining()) {
            CoderResult result = decoder.decode(in, out, true);
            out.flip().codePoints().forEach(point -> append(point, text));
            out.clear();
            int broken = result.isError() ? result.length() : in.remaining();
            for (int i = 0; i < broken; i++) {
                text.append("\\x").append(HEX.toHexDigits(in.get()));
            }
            decoder.reset();
        }
        return text.toString();
    }

    private static void append(int point, StringBuilder text) {
        switch (point) {
            case '\\' -> text.append("\\\\");
            case '\n' -> text.append("\\n");
            case '\r' -> text.append("\\r");
            case '\t' -> text.append("\\t");
            default -> {
                if (isPlain(point)) {
                    text.appendCodePoint(point);
                } else {
                    text.append("\\u{").append(Integer.toHexString(point)).append('}');
                }
            }
        }
    }

    private static boolean isPlain(int point) {
        return switch (Character.getType(point)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.PRIVATE_USE,
                    Character.SURROGATE,
                    Character.UNASSIGNED -> false;
            default -> true;
        };
    }
}
