package dev.sluice.protocol.lumberjack;

import java.util.Arrays;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * A compressed frame on its way: takes its zlib bytes as they come and unpacks a step at a time, as far as whole inner
 * frames are wanted. So neither the packed nor the unpacked frame is ever whole, and a bomb is only slow: it is refused
 * when it passes a ratio that no log reaches.
 *
 * <p>It holds one step, or one inner frame if that is longer, and what zlib needs. All of that is granted before it is
 * taken, and nothing is taken before {@value #BEGIN_BYTES} bytes or the whole frame are there, or each connection that
 * only begins one would hold a thousand times what it sent.
 */
final class InflatingBuffer {

    private static final byte[] NO_BYTES = {};

    /** No frame. */
    static final InflatingBuffer NOTHING = new InflatingBuffer();

    /** How many packed bytes must be there before it begins. */
    static final int BEGIN_BYTES = 16 * 1024;

    private static final int STEP_BYTES = 24 * 1024;

    /** zlib's window and state, outside of the heap. */
    private static final int INFLATER_BYTES = 40 * 1024;

    /** What it takes when it begins. */
    static final int TAKEN_BYTES = STEP_BYTES + INFLATER_BYTES;

    /** zlib itself ends at 1032; lines that repeat reach about 200. */
    private static final int RATIO_MAX = 400;

    private static final int RATIO_FREE_BYTES = 64 * 1024;
    private static final long UNPACKED_BYTES_MAX = 1L << 30;

    /** What a step came to. */
    enum Step {
        /** There is more to look at. */
        UNPACKED,
        /** What was unpacked before is to be taken away first. */
        STOPPED,
        /** All that came is unpacked. */
        USED_UP,
        /** The frame is over. */
        FINISHED,
        /** It is no zlib, too large, longer than it said, or ends inside an inner frame. */
        REFUSED
    }

    private final Inflater inflater;
    private final int bytesMax;
    private int packedLeft;
    private int used;
    private long unpackedBytes;
    private byte[] bytes;
    private int from;
    private int to;
    private boolean handedOut;
    private boolean isBroken;

    private InflatingBuffer() {
        inflater = new Inflater();
        inflater.end();
        bytes = NO_BYTES;
        bytesMax = 0;
    }

    /**
     * A frame of {@code packedBytes} is to come.
     *
     * @param innerBytesMax the longest inner frame
     */
    InflatingBuffer(int packedBytes, int innerBytesMax) {
        inflater = new Inflater();
        packedLeft = packedBytes;
        bytesMax = Math.max(innerBytesMax, STEP_BYTES);
        bytes = new byte[STEP_BYTES];
    }

    boolean isUnderWay() {
        return packedLeft > 0;
    }

    /** Whether nothing unpacked is left. */
    boolean isEmpty() {
        return from == to;
    }

    byte[] bytes() {
        return bytes;
    }

    int from() {
        return from;
    }

    int to() {
        return to;
    }

    /** A frame that ends at {@code next} was found; its bytes stay where they are until {@link Step#STOPPED}. */
    void taken(int next) {
        from = next;
        handedOut = true;
    }

    /** Packed bytes that are of no more use. */
    int takeUsed() {
        int taken = used;
        used = 0;
        packedLeft -= taken;
        return taken;
    }

    int heldBytes() {
        return isUnderWay() ? bytes.length + INFLATER_BYTES : 0;
    }

    void close() {
        packedLeft = 0;
        inflater.end();
        bytes = NO_BYTES;
    }

    /** By how many bytes the next step makes the array longer. */
    int growth() {
        boolean full = !handedOut && to - from == bytes.length;
        return full ? grown() - bytes.length : 0;
    }

    private int grown() {
        return Math.min(2 * bytes.length, bytesMax);
    }

    /** Unpacks more of the frame, whose next packed bytes are {@code packed[start, end)}. */
    Step more(byte[] packed, int start, int end) {
        if (handedOut) {
            handedOut = false;
            return Step.STOPPED;
        }
        if (isBroken || !makeRoom()) {
            return Step.REFUSED;
        }
        int input = Math.min(end - start, packedLeft);
        long writtenBefore = inflater.getBytesWritten();
        try {
            inflater.setInput(packed, start + used, input - used);
            long before = inflater.getBytesRead();
            int count = inflater.inflate(bytes, to, bytes.length - to);
            used += (int) (inflater.getBytesRead() - before);
            unpacked(count);
            return isTooMuch() ? Step.REFUSED : after(count, input);
        } catch (DataFormatException noZlib) {
            // What came out before counts, as if the bytes had been cut there.
            isBroken = true;
            int count = (int) (inflater.getBytesWritten() - writtenBefore);
            unpacked(count);
            return count > 0 && !isTooMuch() ? Step.UNPACKED : Step.REFUSED;
        } finally {
            inflater.setInput(NO_BYTES); // it would keep the array of the one who presented it
        }
    }

    private void unpacked(int count) {
        to += count;
        unpackedBytes += count;
    }

    private Step after(int count, int input) {
        if (count > 0) {
            return Step.UNPACKED;
        }
        if (inflater.finished()) {
            return used == packedLeft && isEmpty() ? Step.FINISHED : Step.REFUSED;
        }
        boolean ends = used == packedLeft || used < input;
        return ends || inflater.needsDictionary() ? Step.REFUSED : Step.USED_UP;
    }

    private boolean isTooMuch() {
        return unpackedBytes > UNPACKED_BYTES_MAX
                || (unpackedBytes > RATIO_FREE_BYTES && unpackedBytes > RATIO_MAX * inflater.getBytesRead());
    }

    /** What is left goes to the front; a longer inner frame needs a longer array. */
    private boolean makeRoom() {
        if (from > 0) {
            System.arraycopy(bytes, from, bytes, 0, to - from);
            to -= from;
            from = 0;
        }
        if (to == bytes.length) {
            if (bytes.length >= bytesMax) {
                return false;
            }
            bytes = Arrays.copyOf(bytes, grown());
        }
        return true;
    }
}
