package dev.sluice.protocol.forward;

import dev.sluice.protocol.line.UnfitException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/**
 * Entries on their way out of an inflater: the window that they pass through, which is filled before it is decoded. An
 * inflater may give a byte at a time; an entry that is not whole would be looked at again for each of them.
 */
final class InflatedEntries {

    /** The window that it begins with, or less for what is short; it doubles up to twice the longest event. */
    static final int WINDOW_BYTES = 64 * 1024;

    private static final int WINDOW_BYTES_MIN = 512;

    /** What is compressed becomes seldom more than so many times as long. */
    private static final int USUAL_RATIO = 16;

    /** Decodes the entries in a range that are there as a whole; returns where they end, or a negative number. */
    @FunctionalInterface
    interface Decoder {
        int decode(byte[] bytes, int from, int to);
    }

    /** What may be inflated. */
    @FunctionalInterface
    interface Limit {
        /** Refuses what is more than may be inflated, by an exception. */
        void check(long inflated);
    }

    private final InputStream input;
    private final int eventBytesMax;
    private byte[] window;
    private int filled;
    private long inflated;

    /** Those that {@code input} inflates from {@code compressed} bytes. */
    InflatedEntries(InputStream input, int compressed, int eventBytesMax) {
        this.input = input;
        window = new byte[Math.clamp((long) USUAL_RATIO * compressed, WINDOW_BYTES_MIN, WINDOW_BYTES)];
        this.eventBytesMax = eventBytesMax;
    }

    /** Has all of them decoded; whether each was whole. */
    boolean decode(Decoder decoder, Limit limit) throws IOException {
        boolean more = true;
        while (more) {
            more = fill(limit);
            int decoded = decoder.decode(window, 0, filled);
            if (decoded < 0) {
                return false;
            }
            System.arraycopy(window, decoded, window, 0, filled - decoded);
            filled -= decoded;
            if (filled == window.length) {
                if (filled > eventBytesMax) {
                    throw new UnfitException(ForwardEntries.TOO_LONG);
                }
                window = Arrays.copyOf(window, 2 * filled);
            }
        }
        return filled == 0;
    }

    /** Fills the window; whether there may be more than fits. */
    private boolean fill(Limit limit) throws IOException {
        while (filled < window.length) {
            int read = read();
            if (read < 0) {
                return false;
            }
            filled += read;
            inflated += read;
            limit.check(inflated);
        }
        return true;
    }

    /** The inflater of zstd says what is wrong in exceptions of its own. */
    private int read() throws IOException {
        try {
            return input.read(window, filled, window.length - filled);
        } catch (RuntimeException broken) {
            throw new IOException(broken.getMessage(), broken);
        }
    }
}
