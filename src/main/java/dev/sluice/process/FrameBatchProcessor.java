package dev.sluice.process;

import dev.sluice.event.Delivery;
import dev.sluice.event.FrameBatch;
import dev.sluice.event.FrameLength;
import dev.sluice.event.LogEvent;
import dev.sluice.event.Protocol;
import dev.sluice.event.ProtocolDecoder;
import dev.sluice.event.RejectReason;
import dev.sluice.event.RowEncoder;
import dev.sluice.event.Rows;
import dev.sluice.event.RuleSet;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;

/** One worker of the rail. Not thread-safe: each rail has its own. */
public final class FrameBatchProcessor {

    /** Rules are kept for so many batches of frames that have others: about as many as may have waited with them. */
    static final int KEPT_BATCHES = 256;

    private final Function<Protocol, ProtocolDecoder> decoders;
    private final Supplier<RowEncoder> rows;
    private final WorkerObserver observer;
    private final LogEvent event = new LogEvent();

    private Followed followed;

    /** Those before: while new rules come, frame batches of both come in turns. */
    private Followed before;

    private int unchanged;

    /** The rules, with the row encoder after them. */
    private RowEncoder encoder;

    /**
     * A worker that decodes with {@code decoders}, which all workers share.
     *
     * @param rows asked for the encoder of each batch of frames, one of few that are this worker's own
     */
    public FrameBatchProcessor(
            Function<Protocol, ProtocolDecoder> decoders, Supplier<RowEncoder> rows, WorkerObserver observer) {
        this.decoders = decoders;
        this.rows = rows;
        encoder = rows.get();
        followed = new Followed(RuleSet.NONE, encoder, encoder);
        before = followed;
        this.observer = observer;
    }

    /** Rules, the row encoder that stands after them, and both together. */
    private record Followed(RuleSet rules, RowEncoder rows, RowEncoder encoder) {

        @SuppressWarnings("ReferenceEquality") // which ones they are, not what is in them
        boolean is(RuleSet otherRules, RowEncoder otherRows) {
            return rules == otherRules && rows == otherRows;
        }
    }

    /** What the workers report, once a frame batch. */
    public interface WorkerObserver {
        /** A worker was busy with a frame batch for {@code busyNanos}. */
        void processed(Rows rows, long busyNanos);
    }

    /** Decodes and encodes everything in {@code frameBatch}. */
    public Rows process(FrameBatch frameBatch) {
        long start = System.nanoTime();
        follow(frameBatch.rules());
        encoder.discard(); // there is something only when the frame batch before failed
        int at = 0;
        int rejected = 0;
        for (Delivery delivery : frameBatch.deliveries()) {
            encoder.begin(delivery);
            at = decode(frameBatch.bytes(), at, delivery);
            rejected = rejects(frameBatch.rejects(), rejected, delivery);
        }
        Rows sealed = encoder.seal();
        observer.processed(sealed, System.nanoTime() - start);
        return sealed;
    }

    /** From here to the end of the frame batch these are the rules; those before are let go after a while. */
    private void follow(RuleSet rules) {
        RowEncoder next = rows.get();
        if (followed.is(rules, next)) {
            before = ++unchanged < KEPT_BATCHES ? before : followed;
            return;
        }
        Followed last = followed;
        followed = before.is(rules, next) ? before : new Followed(rules, next, rules.before(next));
        before = last;
        encoder = followed.encoder();
        unchanged = 0;
    }

    private int decode(byte[] bytes, int from, Delivery delivery) {
        ProtocolDecoder decoder = decoders.apply(delivery.origin().protocol());
        int at = from;
        for (int i = 0; i < delivery.frames(); i++) {
            int length = FrameLength.read(bytes, at);
            int payload = at + FrameLength.size(length);
            at = payload + length;
            event.reset(delivery.receivedAtMicros() + i);
            encoder.beginFrame();
            decodeFrame(decoder, bytes, payload, at);
        }
        return at;
    }

    /** A decoder never throws on bad input; if one does, that frame alone pays for the mistake. */
    private void decodeFrame(ProtocolDecoder decoder, byte[] bytes, int from, int to) {
        try {
            decoder.decode(bytes, from, to, event, encoder);
        } catch (RuntimeException mistake) {
            encoder.takeBack();
            byte[] frame = Arrays.copyOfRange(bytes, from, to);
            encoder.reject(RejectReason.DECODER_FAILED, mistake.toString(), frame, 0, frame.length);
        }
    }

    /** Those of {@code delivery} begin at {@code from}, for they are in its order; returns where they end. */
    @SuppressWarnings("ReferenceEquality") // which delivery it is, not what is in it
    private int rejects(List<FrameBatch.Reject> rejects, int from, Delivery delivery) {
        int next = from;
        while (next < rejects.size() && rejects.get(next).delivery() == delivery) {
            encoder.reject(rejects.get(next++));
        }
        return next;
    }
}
