package dev.sluice.protocol.forward;

/**
 * Looks through the frames of zstd (RFC 8878) before they are inflated, for what an inflater would only notice by its
 * memory or its time. What is broken is left to the inflater, which says it better.
 */
final class ZstdFrames {

    /**
     * The largest window: that of level 16 and below. Up to here the inflater's buffer is twice the window; above, it
     * has room for one block beside it, and moves the whole window for each block, however short: 32 KB of blocks of
     * one byte took 15 seconds.
     */
    static final int WINDOW_BYTES_MAX = 4 << 20;

    private static final int BLOCK_BYTES_MAX = 128 * 1024;
    private static final int MAGIC = 0xFD2FB528;
    private static final int BLOCK_HEADER_BYTES = 3;
    private static final int CHECKSUM_BYTES = 4;
    private static final int SINGLE_SEGMENT = 1 << 5;
    private static final int HAS_CHECKSUM = 1 << 2;
    private static final int RLE = 1;

    private final byte[] bytes;
    private final int to;
    private int at;

    private ZstdFrames(byte[] bytes, int from, int to) {
        this.bytes = bytes;
        this.to = to;
        at = from;
    }

    /** Whether everything in {@code bytes[from, to)} may be inflated. */
    static boolean areFit(byte[] bytes, int from, int to) {
        ZstdFrames frames = new ZstdFrames(bytes, from, to);
        while (frames.to - frames.at > Integer.BYTES && (int) frames.little(frames.at, Integer.BYTES) == MAGIC) {
            if (!frames.isFit()) {
                return false;
            }
        }
        return true;
    }

    private boolean isFit() {
        int descriptor = bytes[at + Integer.BYTES];
        at += Integer.BYTES + 1;
        boolean single = (descriptor & SINGLE_SEGMENT) != 0;
        long window = single ? 0 : window((int) little(at++, 1));
        int dictionary = descriptor & 3;
        at += dictionary == 0 ? 0 : 1 << (dictionary - 1);
        int sizeBytes = (descriptor >> 6 & 3) == 0 ? (single ? 1 : 0) : 1 << (descriptor >> 6 & 3);
        long size = little(at, sizeBytes) + (sizeBytes == 2 ? 256 : 0);
        at += sizeBytes;
        long needed = single ? size : window;
        return needed >= 0 && needed <= WINDOW_BYTES_MAX && areBlocksFit((descriptor & HAS_CHECKSUM) != 0);
    }

    private boolean areBlocksFit(boolean checksum) {
        boolean last = false;
        while (!last && to - at >= BLOCK_HEADER_BYTES) {
            int header = (int) little(at, BLOCK_HEADER_BYTES);
            int length = header >> 3;
            if (length > BLOCK_BYTES_MAX) {
                return false;
            }
            last = (header & 1) != 0;
            at += BLOCK_HEADER_BYTES + ((header >> 1 & 3) == RLE ? 1 : length);
        }
        at += checksum ? CHECKSUM_BYTES : 0;
        return true;
    }

    private static long window(int descriptor) {
        long base = 1L << (10 + (descriptor >> 3));
        return base + base / 8 * (descriptor & 7);
    }

    /** The number of {@code length} bytes at {@code place}; what is not there is 0. */
    private long little(int place, int length) {
        long number = 0;
        for (int i = 0; i < length && place + i < to; i++) {
            number |= (bytes[place + i] & 0xFFL) << (i * Byte.SIZE);
        }
        return number;
    }
}
