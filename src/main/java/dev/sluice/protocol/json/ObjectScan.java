package dev.sluice.protocol.json;

import dev.sluice.protocol.line.EventStarts;
import dev.sluice.text.SwarSearch;
import dev.sluice.text.Utf8;

/**
 * Finds where a JSON object ends by its braces outside of strings, and remembers how far it looked: each byte is looked
 * at once. Whether it is JSON in between is not its business.
 */
final class ObjectScan {

    /** What may stand before an object and is no text: {@link Utf8#markEnd}. */
    private static final byte[] MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};

    private final byte terminator;
    private int scanned;
    private int depth;
    private boolean isText;
    private boolean inString;
    private boolean isEscaped;
    private boolean isAtEnd;

    /** Whether the object is laid out in lines: an LF came right after its first brace. */
    private boolean isLaidOut;

    /** Whether the last byte was an LF. */
    private boolean isLineStart;

    /** The last byte that was not blank. */
    private byte before;

    /** What ends with {@code terminator}, whole or not. */
    ObjectScan(byte terminator) {
        this.terminator = terminator;
    }

    int scanned() {
        return scanned;
    }

    /** Forgets everything. */
    void reset() {
        scanned = 0;
        depth = 0;
        isText = false;
        inString = false;
        isEscaped = false;
        isAtEnd = false;
        isLaidOut = false;
        isLineStart = false;
    }

    boolean isLaidOut() {
        return isLaidOut;
    }

    /** Whether the end was found. */
    boolean isAtEnd() {
        return isAtEnd;
    }

    /** The first {@code bytes} were taken away. */
    void move(int bytes) {
        scanned = Math.max(scanned - bytes, 0);
    }

    /**
     * Where what begins at {@code from} ends: after the last brace, before the terminator, or before the next object if
     * this one is broken; -1 while that is not among the bytes.
     */
    int end(byte[] bytes, int from, int to) {
        int i = from + scanned;
        while (i < to) {
            byte b = bytes[i];
            isLaidOut |= b == '\n' && b == terminator && isOpened();
            if ((b == terminator && !isLaidOut) || (b == '{' && isTorn())) {
                scanned = i - from;
                isAtEnd = true;
                return i;
            }
            if (isEscaped || isText) {
                isEscaped = false;
            } else if (inString) {
                isEscaped = b == '\\';
                inString = b != '"';
            } else {
                outside(b, i - from);
                if (b == '}' && depth == 0 && !isText) {
                    scanned = i + 1 - from;
                    isAtEnd = true;
                    return i + 1;
                }
            }
            isLineStart = b == '\n';
            before = isBlank(b) ? before : b;
            i = inString && !isEscaped && !isLineStart ? SwarSearch.stringStop(bytes, i + 1, to) : i + 1;
        }
        scanned = Math.max(scanned, i - from);
        return -1;
    }

    private void outside(byte b, int at) {
        switch (b) {
            case '{' -> depth++;
            case '}' -> depth--;
            case '"' -> inString = depth > 0;
            default -> {
                // nothing to count
            }
        }
        boolean isMark = at < MARK.length && b == MARK[at];
        boolean isMarkTorn = b == '{' && depth == 1 && at > 0 && at < MARK.length;
        isText = depth < 0 || (depth == 0 && b != '}' && !isMark) || isMarkTorn;
    }

    /** Whether an object may begin with the brace at {@code at}: after another one, or where a line does. */
    boolean mayBegin(byte[] bytes, int from, int at) {
        int i = at - 1;
        while (i > from && isBlank(bytes[i])) {
            i--;
        }
        return bytes[i] == '}' || (terminator != '\n' && bytes[at - 1] == '\n');
    }

    /** Whether all that came is the brace of an object. */
    private boolean isOpened() {
        return depth == 1 && before == '{' && !inString && !isText;
    }

    /** Whether {@code bytes[from, to)} is the brace of an object and nothing else. */
    static boolean isOpening(byte[] bytes, int from, int to) {
        int brace = Utf8.markEnd(bytes, from, to);
        return brace < to && bytes[brace] == '{' && blankEnd(bytes, brace + 1, to) == to;
    }

    /** Whether a brace that is the first of its line has no place in what came before. */
    private boolean isTorn() {
        return isLineStart && (isText || inString || (before != ':' && before != ',' && before != '['));
    }

    /** Where the white space and NULs end that begin at {@code from}. */
    static int blankEnd(byte[] bytes, int from, int to) {
        int i = from;
        while (i < to && isBlank(bytes[i])) {
            i++;
        }
        return i;
    }

    private static boolean isBlank(byte b) {
        return b == ' ' || b == '\t' || EventStarts.isLineEnd(b);
    }
}
