package dev.sluice.text;

import static java.nio.charset.StandardCharsets.UTF_8;

/**
 * A range of bytes somewhere in an array: a field of an event. Reused, so that decoding allocates nothing.
 *
 * <p>Invariant: the bytes of a present slice are valid UTF-8 without NUL, because PostgreSQL refuses anything else.
 */
public final class Slice {

    private static final byte[] NOTHING = new byte[0];

    private byte[] array = NOTHING;
    private int offset;
    private int length = -1;

    /** Points this slice at {@code length} bytes of {@code array} from {@code offset}. */
    public void set(byte[] array, int offset, int length) {
        this.array = array;
        this.offset = offset;
        this.length = length;
    }

    /** Points this slice at the UTF-8 bytes of a constant. */
    public void set(byte[] constant) {
        set(constant, 0, constant.length);
    }

    /** Makes this slice absent: the column becomes null. */
    public void clear() {
        array = NOTHING;
        offset = 0;
        length = -1;
    }

    /** Whether the event has this field; an empty field is present. */
    public boolean isPresent() {
        return length >= 0;
    }

    /** The array that holds the bytes; valid only until the next event is decoded. */
    public byte[] array() {
        return array;
    }

    /** Where the bytes start. */
    public int offset() {
        return offset;
    }

    /** How many bytes; 0 when absent. */
    public int length() {
        return Math.max(length, 0);
    }

    /** The text, for tests, conditions and messages; the hot path never asks for it. */
    @Override
    public String toString() {
        return new String(array, offset, length(), UTF_8);
    }
}
