package dev.sluice.protocol.forward;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.sluice.text.ByteWriter;
import dev.sluice.text.JsonSyntax;
import dev.sluice.text.SwarSearch;
import dev.sluice.text.Utf8;
import java.util.Arrays;
import java.util.Base64;

/**
 * Writes a MessagePack value as JSON text, so that a record is decoded as a line of JSON is. What JSON cannot say is
 * said as nearly as it can: bytes that are no text are repaired, extensions become base64, a number that is none
 * becomes a string; {@link #isExact()} then tells that the value should be kept as it came.
 */
final class MsgPackJson {

    /** The value is nested too deeply. */
    static final int TOO_DEEP = -1;
    /** A key is an array or a map. */
    static final int BAD_KEY = -2;

    /** From here on the shortest digits of a float need not be those of its value. */
    private static final double SHORT_INTEGER_MAX = 1 << 24;

    private static final byte[] NULL = "null".getBytes(US_ASCII);
    private static final byte[] TRUE = "true".getBytes(US_ASCII);
    private static final byte[] FALSE = "false".getBytes(US_ASCII);

    private final MsgPackHead head = new MsgPackHead();
    private final int depthMax;
    private boolean exact = true;

    MsgPackJson(int depthMax) {
        this.depthMax = depthMax;
    }

    /** Whether the last value was written without a change. */
    boolean isExact() {
        return exact;
    }

    /** Writes the well-formed value at {@code from}; returns where it ends, or a negative number. */
    int write(byte[] bytes, int from, int to, ByteWriter out) {
        exact = true;
        return value(bytes, from, to, depthMax, out);
    }

    private int value(byte[] bytes, int at, int to, int depth, ByteWriter out) {
        head.read(bytes, at, to);
        int content = at + head.size();
        return switch (head.kind()) {
            case ARRAY -> depth == 0 ? TOO_DEEP : array(bytes, content, to, depth - 1, out);
            case MAP -> depth == 0 ? TOO_DEEP : map(bytes, content, to, depth - 1, out);
            default -> scalar(bytes, at, out);
        };
    }

    private int array(byte[] bytes, int from, int to, int depth, ByteWriter out) {
        long count = head.children();
        int at = from;
        out.put('[');
        for (long i = 0; i < count && at >= 0; i++) {
            if (i > 0) {
                out.put(',');
            }
            at = value(bytes, at, to, depth, out);
        }
        out.put(']');
        return at;
    }

    private int map(byte[] bytes, int from, int to, int depth, ByteWriter out) {
        long pairs = head.children() / 2;
        int at = from;
        out.put('{');
        for (long i = 0; i < pairs && at >= 0; i++) {
            if (i > 0) {
                out.put(',');
            }
            at = key(bytes, at, to, out);
            if (at >= 0) {
                out.put(':');
                at = value(bytes, at, to, depth, out);
            }
        }
        out.put('}');
        return at;
    }

    /** A key that is no text is written as the text of its value. */
    private int key(byte[] bytes, int at, int to, ByteWriter out) {
        head.read(bytes, at, to);
        return switch (head.kind()) {
            case ARRAY, MAP, INVALID -> BAD_KEY;
            case STRING, BINARY, EXTENSION -> scalar(bytes, at, out);
            case NIL, BOOLEAN, INTEGER, FLOAT -> {
                int start = out.size();
                int end = scalar(bytes, at, out);
                byte[] text = Arrays.copyOfRange(out.array(), start, out.size());
                out.truncate(start);
                exact = false;
                yield text[0] == '"' ? put(text, end, out) : quoted(text, 0, text.length, end, out);
            }
        };
    }

    private int scalar(byte[] bytes, int at, ByteWriter out) {
        int content = at + head.size();
        int end = content + (int) head.payload();
        return switch (head.kind()) {
            case NIL -> put(NULL, end, out);
            case BOOLEAN -> put(bytes[at] == (byte) 0xC3 ? TRUE : FALSE, end, out);
            case INTEGER -> integer(bytes, at, end, out);
            case FLOAT -> floating(bytes, at, end, out);
            case STRING, BINARY -> text(bytes, content, end, out);
            case EXTENSION, ARRAY, MAP, INVALID -> {
                exact = false;
                byte[] base64 = Base64.getEncoder().encode(Arrays.copyOfRange(bytes, content, end));
                yield quoted(base64, 0, base64.length, end, out);
            }
        };
    }

    private static int integer(byte[] bytes, int at, int end, ByteWriter out) {
        long value = MsgPackHead.integer(bytes, at);
        if (value >= 0 && value < 10) {
            out.put('0' + (int) value);
            return end;
        }
        boolean unsigned = MsgPackHead.isUnsignedLong(bytes, at);
        return put((unsigned ? Long.toUnsignedString(value) : Long.toString(value)).getBytes(US_ASCII), end, out);
    }

    private int floating(byte[] bytes, int at, int end, ByteWriter out) {
        double value = MsgPackHead.floating(bytes, at);
        byte[] ascii = digits(value, head.payload() == Float.BYTES).getBytes(US_ASCII);
        if (Double.isFinite(value)) {
            return put(ascii, end, out);
        }
        exact = false;
        return quoted(ascii, 0, ascii.length, end, out);
    }

    /** A float is written with its own digits, as a double it would get more than it has; a large integer in full. */
    private static String digits(double value, boolean isFloat) {
        boolean integer = Math.abs(value) >= SHORT_INTEGER_MAX && Math.abs(value) < Long.MAX_VALUE;
        if (integer && value == Math.rint(value)) {
            return Long.toString((long) value);
        }
        return isFloat ? Float.toString((float) value) : Double.toString(value);
    }

    private int text(byte[] bytes, int from, int end, ByteWriter out) {
        if (Utf8.isClean(bytes, from, end)) {
            return quoted(bytes, from, end, end, out);
        }
        exact = false;
        ByteWriter repaired = new ByteWriter(end - from);
        Utf8.repair(bytes, from, end, repaired);
        return quoted(repaired.array(), 0, repaired.size(), end, out);
    }

    private static int put(byte[] text, int end, ByteWriter out) {
        out.put(text);
        return end;
    }

    private static int quoted(byte[] bytes, int from, int to, int end, ByteWriter out) {
        out.ensure(to - from + 2);
        out.put('"');
        int clean = from;
        for (int i = SwarSearch.stringStop(bytes, from, to); i < to; i = SwarSearch.stringStop(bytes, i + 1, to)) {
            out.put(bytes, clean, i - clean);
            JsonSyntax.escape(bytes[i], out);
            clean = i + 1;
        }
        out.put(bytes, clean, to - clean);
        out.put('"');
        return end;
    }
}
