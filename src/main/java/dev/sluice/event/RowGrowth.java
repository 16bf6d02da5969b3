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
}
