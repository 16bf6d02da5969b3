package dev.sluice.text;

/**
 * What {@link JsonScanner} met that a reader of the text must know: bits, which add up until they are taken. Reused.
 */
public final class JsonFlags {

    /** A string has a backslash. */
    public static final int ESCAPED = 1;
    /** A string has an escape of NUL or of half a surrogate pair, which {@code jsonb} refuses. */
    public static final int FORBIDDEN = 2;
    /** A number is beyond PostgreSQL's {@code numeric}, or much longer when it is written out. */
    public static final int HUGE = 4;
    /** It is no JSON, but what is meant is clear: NaN, a comma too many, an escape of two hexadecimal digits. */
    public static final int LOOSE = 8;

    /** What {@code jsonb} would not take as it stands; {@link JsonText#sanitize} mends it. */
    public static final int NOT_JSONB = FORBIDDEN | HUGE | LOOSE;

    private int bits;

    void add(int flags) {
        bits |= flags;
    }

    /** What was met since the last call. */
    public int take() {
        int taken = bits;
        bits = 0;
        return taken;
    }
}
