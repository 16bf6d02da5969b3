package dev.sluice.protocol.syslog;

import dev.sluice.event.LogEvent;
import dev.sluice.text.ByteWriter;
import dev.sluice.text.JsonWriter;
import java.util.Arrays;

/**
 * STRUCTURED-DATA of RFC 5424 as nested objects, {@code {"id":{"name":"value"}}}, written in one pass. Names that
 * repeat are noticed by a set of 64 bits; only then is the whole gathered again by {@link RepeatedData}, which keeps
 * them all.
 */
final class StructuredData {

    private static final int MALFORMED = -1;
    private static final int REPEATED = -2;

    /** With more names in an element the set of bits is full and says nothing. */
    private static final int NAMES_MAX = 32;

    private StructuredData() {}

    /**
     * Writes the elements that start at {@code from} to the attributes; returns where they end, or a negative number.
     */
    static int decode(byte[] bytes, int from, int to, LogEvent event) {
        int i = from;
        long ids = 0;
        while (i >= 0 && i < to && bytes[i] == '[') {
            int idEnd = nameEnd(bytes, i + 1, to);
            long bit = bit(bytes, i + 1, idEnd);
            if (idEnd == i + 1) {
                return MALFORMED;
            }
            i = (ids & bit) != 0 ? REPEATED : element(bytes, i + 1, idEnd, to, event);
            ids |= bit;
        }
        if (i == REPEATED) {
            event.attributes().clear();
            return RepeatedData.decode(bytes, from, to, event);
        }
        return i < 0 || (i < to && bytes[i] != ' ') ? MALFORMED : i;
    }

    private static int element(byte[] bytes, int from, int idEnd, int to, LogEvent event) {
        JsonWriter attributes = event.attributes();
        attributes.key(bytes, from, idEnd - from).open('{');
        int count = 0;
        long names = 0;
        int i = idEnd;
        while (i < to && bytes[i] == ' ') {
            int name = spacesEnd(bytes, i, to);
            if (name < to && bytes[name] == ']') {
                i = name;
                break;
            }
            int end = nameEnd(bytes, name, to);
            long bit = bit(bytes, name, end);
            if (count++ > NAMES_MAX || ((names & bit) != 0 && isRepeated(bytes, idEnd, name, end))) {
                return REPEATED;
            }
            names |= bit;
            int valueEnd = valueEnd(bytes, end, to);
            if (end == name || valueEnd < 0) {
                return MALFORMED;
            }
            attributes.key(bytes, name, end - name);
            value(bytes, valueFrom(bytes, end, to), valueEnd, event);
            i = valueEnd + 1;
        }
        attributes.close('}');
        return i < to && bytes[i] == ']' ? i + 1 : MALFORMED;
    }

    /** After the equals sign at {@code from}, blanks, which some write there, and the quote; or a negative number. */
    static int valueFrom(byte[] bytes, int from, int to) {
        if (from >= to || bytes[from] != '=') {
            return MALFORMED;
        }
        int quote = spacesEnd(bytes, from + 1, to);
        return quote < to && bytes[quote] == '"' ? quote + 1 : MALFORMED;
    }

    /** Where the value that follows a name at {@code from} ends (its closing quote), or a negative number. */
    static int valueEnd(byte[] bytes, int from, int to) {
        int i = valueFrom(bytes, from, to);
        if (i < 0) {
            return MALFORMED;
        }
        while (i < to && bytes[i] != '"') {
            i += bytes[i] == '\\' ? 2 : 1;
        }
        return i < to ? i : MALFORMED;
    }

    /** Writes a value without the backslashes that escape a quote, a backslash or a bracket. */
    static void value(byte[] bytes, int from, int to, LogEvent event) {
        ByteWriter scratch = event.scratch();
        int start = scratch.size();
        int clean = from;
        for (int i = from; i + 1 < to; i++) {
            if (bytes[i] == '\\' && isEscaped(bytes[i + 1])) {
                scratch.put(bytes, clean, i - clean);
                clean = ++i;
            }
        }
        if (clean == from) {
            event.attributes().string(bytes, from, to - from);
            return;
        }
        scratch.put(bytes, clean, to - clean);
        event.attributes().string(scratch.array(), start, scratch.size() - start);
        scratch.truncate(start);
    }

    /** Where the name that starts at {@code from} ends; {@code from} if there is none. */
    static int nameEnd(byte[] bytes, int from, int to) {
        int i = from;
        while (i < to && bytes[i] != '=' && bytes[i] != ' ' && bytes[i] != ']' && bytes[i] != '"') {
            i++;
        }
        return i;
    }

    /** After the spaces at {@code from}. */
    static int spacesEnd(byte[] bytes, int from, int to) {
        int i = from;
        while (i < to && bytes[i] == ' ') {
            i++;
        }
        return i;
    }

    private static boolean isEscaped(byte b) {
        return b == '"' || b == '\\' || b == ']';
    }

    private static long bit(byte[] bytes, int from, int to) {
        int hash = to - from;
        for (int i = from; i < to; i++) {
            hash = hash * 31 + bytes[i];
        }
        return 1L << ((hash * 0x9E3779B9) >>> 26);
    }

    /** Whether a name stands before itself in its element, as {@code ' name="'}; a quote in a value is escaped. */
    private static boolean isRepeated(byte[] bytes, int from, int name, int end) {
        int length = end - name;
        for (int i = from; i + length + 3 <= name; i++) {
            if (bytes[i] == ' '
                    && bytes[i + length + 1] == '='
                    && (bytes[i + length + 2] == '"' || bytes[i + length + 2] == ' ')
                    && Arrays.equals(bytes, i + 1, i + 1 + length, bytes, name, end)) {
                return true;
            }
        }
        return false;
    }
}
