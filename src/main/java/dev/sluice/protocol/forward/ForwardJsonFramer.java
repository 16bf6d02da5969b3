package dev.sluice.protocol.forward;

import dev.sluice.event.Framer;
import dev.sluice.event.RejectReason;
import dev.sluice.protocol.line.Pieces;
import dev.sluice.text.JsonSyntax;

/**
 * Forward messages that come as JSON arrays, one after the other with or without white space between them. Brackets are
 * counted outside of strings and nothing else is looked at: what is no JSON inside of them is a dead letter later.
 */
final class ForwardJsonFramer implements Framer {

    private final ForwardLimits limits;
    private final Pieces truncated;
    private int scanned;
    private int depth;
    private boolean inString;
    private boolean isEscaped;

    /** Whether the last message was one that its shipper sends again until it is answered. */
    private boolean isAnswered;

    ForwardJsonFramer(ForwardLimits limits) {
        this.limits = limits;
        truncated = new Pieces(limits.chunkBytesMax());
    }

    @Override
    public Found next(byte[] bytes, int from, int to, Frame frame) {
        if (scanned == 0) {
            int start = JsonSyntax.spaceEnd(bytes, from, to);
            if (start > from) {
                frame.set(from, from, start);
                return Found.SKIPPED;
            }
            if (bytes[from] != '[') {
                return Found.MALFORMED;
            }
        }
        int end = end(bytes, from + scanned, to);
        if ((end < 0 ? to : end) - from > limits.chunkBytesMax()) {
            return Found.MALFORMED;
        }
        if (end < 0) {
            scanned = to - from;
            return Found.INCOMPLETE;
        }
        scanned = 0;
        return whole(bytes, from, end, frame);
    }

    /** After the bracket that closes the first, or -1. */
    private int end(byte[] bytes, int from, int to) {
        for (int i = from; i < to; i++) {
            byte b = bytes[i];
            if (inString) {
                if (b == '\\') {
                    isEscaped = !isEscaped;
                } else {
                    inString = b != '"' || isEscaped;
                    isEscaped = false;
                }
            } else if (b == '"') {
                inString = true;
            } else if (b == '[' || b == '{') {
                depth++;
            } else if ((b == ']' || b == '}') && --depth == 0) {
                return i + 1;
            }
        }
        return -1;
    }

    private Found whole(byte[] bytes, int from, int end, Frame frame) {
        frame.set(from, end, end);
        frame.decodedBytesMax(limits.decodedBytesMax(end - from, ForwardMessage.Compression.NONE));
        ForwardJsonMessage message = ForwardJsonMessage.read(bytes, from, end);
        if (message != null && message.isChunkTooLong()) {
            return Found.MALFORMED;
        }
        isAnswered = message != null && message.hasChunk();
        if (message != null && isAnswered) {
            message.acknowledge(bytes, frame.reply());
            frame.acknowledged();
            frame.alone();
        }
        return Found.FRAME;
    }

    @Override
    public Found last(byte[] bytes, int from, int to, Frame frame) {
        if (truncated.areUnderWay()) {
            return truncated.next(from, to, frame);
        }
        Found found = next(bytes, from, to, frame);
        if (found != Found.INCOMPLETE || isAnswered) {
            return found == Found.INCOMPLETE ? Framer.super.last(bytes, from, to, frame) : found;
        }
        truncated.begin(to - from, RejectReason.TRUNCATED_FRAME);
        return truncated.next(from, to, frame);
    }
}
