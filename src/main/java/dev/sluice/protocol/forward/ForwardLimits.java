package dev.sluice.protocol.forward;

/**
 * What bounds a Forward message.
 *
 * @param chunkBytesMax the longest message on the wire, compressed or not
 * @param inflatedBytesMax the most that one may become, inflated and as rows
 * @param eventBytesMax the longest event in one
 */
public record ForwardLimits(int chunkBytesMax, int inflatedBytesMax, int eventBytesMax) {

    /** What is used when nothing is configured: the chunks of Fluentd have up to 8 MB, and then options. */
    public static final ForwardLimits DEFAULT = new ForwardLimits(9 << 20, 25 << 20, 256 << 10);

    /** Rows for each byte of a message that is not compressed: an event of 50 bytes becomes 150, one of 100 200. */
    private static final int ROW_BYTES_PER_BYTE = 16;

    private static final int ROW_BYTES = 1024;

    /** Each inflater's own state, and the first window that the entries pass through. */
    private static final int INFLATER_BYTES = 40 * 1024 + InflatedEntries.WINDOW_BYTES;

    /** That window when it grew to twice the longest event, and the one before it. */
    private static final int WINDOWS_PER_EVENT = 3;

    /** What the inflater of zstd takes: a buffer of twice the window, the one before it while it grows, and tables. */
    private static final int ZSTD_BYTES = 3 * ZstdFrames.WINDOW_BYTES_MAX + (1 << 20);

    /** More is seen in no log; less would be harmless whatever the ratio. */
    private static final int RATIO_MAX = 250;

    private static final int RATIO_FREE_BYTES = 1 << 20;

    /** The most bytes of rows that a message may become; the decoder refuses one that passes it. */
    long rowBytesMax(int messageBytes, ForwardMessage.Compression compression) {
        return compression == ForwardMessage.Compression.NONE
                ? Math.min(inflatedBytesMax, (long) ROW_BYTES_PER_BYTE * messageBytes + ROW_BYTES)
                : inflatedBytesMax;
    }

    /** The most bytes of heap that decoding a message takes, its rows included. */
    long decodedBytesMax(int messageBytes, ForwardMessage.Compression compression) {
        long rows = messageBytes + rowBytesMax(messageBytes, compression);
        return switch (compression) {
            case NONE -> rows;
            case GZIP, UNKNOWN -> rows + inflating();
            case ZSTD -> rows + inflating() + ZSTD_BYTES;
        };
    }

    /** The same for one that may be broken. */
    public long decodedBytesMax(byte[] bytes) {
        boolean isWhole = MsgPack.end(bytes, 0, bytes.length, new MsgPackHead()) == bytes.length;
        ForwardMessage message = isWhole ? ForwardMessage.read(bytes, 0, bytes.length) : null;
        return decodedBytesMax(bytes.length, message == null ? ForwardMessage.Compression.NONE : message.compression());
    }

    private long inflating() {
        return INFLATER_BYTES + (long) WINDOWS_PER_EVENT * eventBytesMax;
    }

    /** The most bytes of heap that decoding any message takes. */
    public long decodedBytesMax() {
        return decodedBytesMax(chunkBytesMax, ForwardMessage.Compression.ZSTD);
    }

    /** Whether {@code compressed} bytes may become {@code inflated}. */
    boolean mayInflate(int compressed, long inflated) {
        return inflated <= inflatedBytesMax
                && (inflated <= RATIO_FREE_BYTES || inflated <= (long) RATIO_MAX * compressed);
    }
}
