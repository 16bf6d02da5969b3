package dev.sluice.protocol.forward;

import dev.sluice.event.Framer;
import dev.sluice.event.RejectReason;
import dev.sluice.protocol.forward.MsgPackHead.Kind;
import dev.sluice.protocol.json.ObjectFramer;
import dev.sluice.protocol.line.Pieces;
import org.jspecify.annotations.Nullable;

/**
 * One Forward message a frame. It remembers how far it looked and how many values are still to come, so that a message
 * of many reads is looked through once, and any nesting costs nothing. A message with a {@code chunk} is answered with
 * it when it is committed, and is a delivery of its own.
 *
 * <p>A nil is a heartbeat. A connection that begins with a brace sends JSON, a line each; one that begins with a
 * bracket sends its messages as JSON. After anything else that is no message there is no way to find the next one.
 */
public final class ForwardFramer implements Framer {

    private final ForwardLimits limits;
    private final @Nullable ForwardHandshake handshake;
    private final MsgPackHead head = new MsgPackHead();
    private int scanned;
    private long values;
    private boolean spoke;

    /** Whether the last message was one that its shipper sends again until it is answered. */
    private boolean isAnswered;

    private final Pieces truncated;
    private @Nullable Framer json;

    public ForwardFramer(ForwardLimits limits, @Nullable ForwardHandshake handshake) {
        this.limits = limits;
        this.handshake = handshake;
        truncated = new Pieces(limits.chunkBytesMax());
    }

    @Override
    public void greet(Frame frame) {
        if (handshake != null) {
            handshake.greet(frame.reply());
        }
    }

    @Override
    public Found next(byte[] bytes, int from, int to, Frame frame) {
        if (!spoke) {
            spoke = true;
            json = handshake == null ? json(bytes[from]) : null;
        }
        if (json != null) {
            return json.next(bytes, from, to, frame);
        }
        if (scanned == 0) {
            if (!head.read(bytes, from, to)) {
                return Found.INCOMPLETE;
            }
            if (head.kind() == Kind.NIL) {
                frame.set(from, from, from + 1);
                return Found.SKIPPED;
            }
            if (!isStart()) {
                frame.set(from, from, from);
                return isShakingHands() && isMessage() ? Found.REFUSED : Found.MALFORMED;
            }
            values = 1;
        }
        return walk(bytes, from, to, frame);
    }

    private @Nullable Framer json(byte first) {
        return switch (first) {
            case '{' -> ObjectFramer.lines(limits.eventBytesMax());
            case '[' -> new ForwardJsonFramer(limits);
            default -> null;
        };
    }

    private boolean isStart() {
        return isShakingHands()
                ? head.kind() == Kind.ARRAY && head.children() == ForwardHandshake.PING_ELEMENTS
                : isMessage();
    }

    private boolean isMessage() {
        return head.kind() == Kind.ARRAY
                && head.children() >= ForwardMessage.ELEMENTS_MIN
                && head.children() <= ForwardMessage.ELEMENTS_MAX;
    }

    private Found walk(byte[] bytes, int from, int to, Frame frame) {
        int at = from + scanned;
        while (values > 0) {
            if (!head.read(bytes, at, to)) {
                scanned = at - from;
                return Found.INCOMPLETE;
            }
            values += head.children() - 1;
            long length = at - from + head.size() + head.payload();
            // Each value that is still to come takes at least a byte.
            if (head.kind() == Kind.INVALID || length + values > bytesMax()) {
                return Found.MALFORMED;
            }
            at = from + (int) length;
        }
        if (at > to) {
            scanned = at - from;
            return Found.INCOMPLETE;
        }
        scanned = 0;
        return whole(bytes, from, at, frame);
    }

    private int bytesMax() {
        return isShakingHands() ? ForwardHandshake.BYTES_MAX : limits.chunkBytesMax();
    }

    private boolean isShakingHands() {
        return handshake != null && !handshake.isDone();
    }

    private Found whole(byte[] bytes, int from, int end, Frame frame) {
        frame.set(from, end, end);
        if (handshake != null && !handshake.isDone()) {
            return handshake.answer(bytes, from, end, frame.reply()) ? Found.SKIPPED : Found.REFUSED;
        }
        ForwardMessage message = ForwardMessage.read(bytes, from, end);
        if (message != null && message.isChunkTooLong()) {
            return Found.MALFORMED;
        }
        if (message != null) {
            frame.decodedBytesMax(limits.decodedBytesMax(end - from, message.compression()));
            isAnswered = message.hasChunk();
            if (isAnswered) {
                message.acknowledge(bytes, frame.reply());
                frame.acknowledged();
                frame.alone();
            }
        }
        return Found.FRAME;
    }

    @Override
    public Found last(byte[] bytes, int from, int to, Frame frame) {
        if (truncated.areUnderWay()) {
            return truncated.next(from, to, frame);
        }
        Found found = next(bytes, from, to, frame);
        if (json != null && found == Found.INCOMPLETE) {
            return json.last(bytes, from, to, frame);
        }
        if (found != Found.INCOMPLETE || isShakingHands() || isAnswered) {
            return found == Found.INCOMPLETE ? Framer.super.last(bytes, from, to, frame) : found;
        }
        truncated.begin(to - from, RejectReason.TRUNCATED_FRAME);
        return truncated.next(from, to, frame);
    }
}
