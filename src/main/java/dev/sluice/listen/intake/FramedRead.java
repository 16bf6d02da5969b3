package dev.sluice.listen.intake;

import dev.sluice.event.Delivery;
import dev.sluice.event.FrameBatch;
import dev.sluice.event.FrameLength;
import dev.sluice.event.Framer;
import dev.sluice.event.RejectReason;
import dev.sluice.event.Reply;
import dev.sluice.event.RuleSet;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The frames that one read completed: places in the bytes of the read. One reused instance an event loop. */
public final class FramedRead {

    /** Frames in one delivery; more become several, so that a frame batch of tiny frames has few rows. */
    public static final int FRAMES_MAX = 1024;

    /** Frames in one batch, of a delivery or of several. */
    public static final int BATCH_FRAMES_MAX = 2 * FRAMES_MAX;

    private static final byte[] NOTHING = new byte[0];

    /** A frame that becomes a dead letter, with its first bytes. */
    record Refused(RejectReason reason, byte[] payload, FrameBatch.Piece piece) {}

    private final int[] bounds = new int[2 * FRAMES_MAX];
    private final List<Refused> refused = new ArrayList<>();
    private byte[] bytes = NOTHING;
    private int frames;
    private int payloadBytes;
    private int size;
    private int plainBytes;
    private long decodedBytesMax;
    private int rests;
    private Reply reply = Reply.NOTHING;

    /** Lets go of the bytes of one connection. */
    void clear() {
        start(NOTHING);
    }

    void start(byte[] bytes) {
        this.bytes = bytes;
        reply = Reply.NOTHING;
        frames = 0;
        payloadBytes = 0;
        size = 0;
        plainBytes = 0;
        decodedBytesMax = 0;
        rests = 0;
        refused.clear();
    }

    /** Adds a frame that was found. */
    void frame(Framer.Frame found) {
        rests += found.isRest() ? 1 : 0;
        frame(found.from(), found.to(), found.decodedBytesMax());
    }

    /**
     * Adds a frame.
     *
     * @param most the most bytes of heap that it becomes, if it said so, else 0
     */
    void frame(int from, int to, long most) {
        decodedBytesMax += most;
        plainBytes += most == 0 ? to - from : 0;
        place(from, to);
    }

    private void place(int from, int to) {
        bounds[2 * frames] = from;
        bounds[2 * frames + 1] = to;
        frames++;
        payloadBytes += to - from;
        size += to - from + FrameLength.size(to - from);
    }

    /** Adds a frame that was refused, or a piece of one. */
    void reject(Framer.Frame found, FrameBatch.Piece piece) {
        int length = found.to() - found.from();
        refused.add(new Refused(found.reason(), Arrays.copyOfRange(bytes, found.from(), found.to()), piece));
        size += length;
        plainBytes += length;
    }

    /** How many frames go on with the one before. */
    public int rests() {
        return rests;
    }

    /** The most bytes of heap that those frames become that said so. */
    long decodedBytesMax() {
        return decodedBytesMax;
    }

    /** Bytes of the others, rejects included. */
    int plainBytes() {
        return plainBytes;
    }

    /** Sets what the shipper is told when all of this is committed. */
    public void reply(Reply due) {
        reply = due;
    }

    public Reply reply() {
        return reply;
    }

    /** The array that the frames are in. */
    byte[] bytes() {
        return bytes;
    }

    boolean isEmpty() {
        return frames == 0 && refused.isEmpty();
    }

    public int frames() {
        return frames;
    }

    public int events() {
        return frames + refused.size();
    }

    List<Refused> refused() {
        return refused;
    }

    /** Bytes that this read takes in a frame batch, rejects included. */
    int size() {
        return size;
    }

    /** What it takes of the budget until its rows are made. */
    public int weight() {
        return size + Delivery.HEAP_BYTES;
    }

    int payloadBytes() {
        return payloadBytes;
    }

    /** Copies the frames after their lengths; returns where it stopped. */
    int copyTo(byte[] target, int at) {
        int next = at;
        for (int i = 0; i < 2 * frames; i += 2) {
            int length = bounds[i + 1] - bounds[i];
            next = FrameLength.write(target, next, length);
            System.arraycopy(bytes, bounds[i], target, next, length);
            next += length;
        }
        return next;
    }

    /** Copies the frames to a batch of their own, for one who counts no memory. */
    public FrameBatch batch(Delivery delivery, RuleSet rules) {
        byte[] copy = new byte[size];
        List<FrameBatch.Reject> rejects = refused.stream()
                .map(each -> new FrameBatch.Reject(delivery, each.reason(), each.payload(), each.piece()))
                .toList();
        return new FrameBatch(Arrays.copyOf(copy, copyTo(copy, 0)), List.of(delivery), rejects, 0, rules);
    }
}
