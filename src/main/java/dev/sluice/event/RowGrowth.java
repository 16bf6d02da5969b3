package dev.sluice.event;

/**
 * How much larger than a decoder makes them the rows may become on the worker rail, so that their memory is reserved.
 *
 * @param perByte bytes of rows for each byte that was read
 * @param perEvent bytes of rows for each event
 */
public record RowGrowth(int perByte, int perEvent) {

    /** Rows are what the decoders make. */
    public static final RowGrowth NONE = new RowGrowth(0, 0);

    /**
     * What a byte of a frame becomes at most without rules: an escaped control character in an attribute takes 6, and
     * Base64 of a repaired frame 1.4.
     */
    private static final int ENCODED_BYTES_PER_BYTE = 8;

    /** Bytes of rows that a byte of a frame may become, encoding and rules together. */
    public int encodedPerByte() {
        return ENCODED_BYTES_PER_BYTE + perByte;
    }
}
