package dev.sluice.protocol;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.sluice.event.Framer;
import dev.sluice.event.Framer.Found;
import dev.sluice.event.Reply;
import java.util.ArrayList;
import java.util.List;

/**
 * Drives a framer as the listener does: what is incomplete is presented again from its first byte, with more after it.
 * Every byte is accounted for: as a part of a frame, of a dead letter or of the framing, or as discarded.
 */
public final class Frames {

    private final Framer framer;
    private final byte[] stream;
    private final Framer.Frame frame = new Framer.Frame();
    private final List<String> found = new ArrayList<>();
    private final List<String> framing = new ArrayList<>();
    private int at;
    private int accounted;
    private int discarded;

    private Frames(Framer framer, byte[] stream) {
        this.framer = framer;
        this.stream = stream;
    }

    /**
     * The frames of a stream that arrives in pieces.
     *
     * @param ends where each read ends
     * @return payloads as Latin-1, rejected and discarded ones after their reason, replies after {@code "> "}, the end
     *     of the conversation as its name in capitals
     */
    public static List<String> read(Framer framer, byte[] stream, int... ends) {
        return of(framer, stream, ends).found;
    }

    /** What a framer makes of a stream that arrives in pieces. */
    static Frames of(Framer framer, byte[] stream, int... ends) {
        Frames frames = new Frames(framer, stream);
        for (int end : ends) {
            frames.drain(end, false);
        }
        frames.drain(stream.length, false);
        frames.drain(stream.length, true);
        if (frames.accounted != stream.length) {
            throw new AssertionError("%d of %d bytes".formatted(frames.accounted, stream.length));
        }
        return frames;
    }

    List<String> found() {
        return found;
    }

    /** How many bytes were discarded. */
    int discarded() {
        return discarded;
    }

    /** The bytes of the framing, a step at a time. */
    List<String> framing() {
        return framing;
    }

    private void drain(int end, boolean last) {
        while (at < end) {
            Found next = last ? framer.last(stream, at, end, frame) : framer.next(stream, at, end, frame);
            if (next == Found.INCOMPLETE) {
                if (last) {
                    throw new AssertionError("Incomplete at the end of the stream");
                }
                return;
            }
            if (next == Found.NO_ROOM) {
                frame.grant();
                continue;
            }
            note(next, end);
        }
    }

    @SuppressWarnings("ReferenceEquality") // which array it is, not what is in it
    private void note(Found next, int end) {
        if (next == Found.GOODBYE || next == Found.REFUSED || next == Found.MALFORMED) {
            reply();
            found.add(next.name());
            accounted += stream.length - at;
            at = stream.length;
            return;
        }
        if (frame.next() < at || frame.next() > end) {
            throw new AssertionError("From %d on to %d of %d".formatted(at, frame.next(), end));
        }
        switch (next) {
            case FRAME -> found.add(payload());
            case REJECTED -> found.add(frame.reason().label() + " " + payload());
            case DISCARDED -> {
                found.add("discarded " + text(at, frame.next()));
                discarded += frame.next() - at;
            }
            default -> framing.add(text(at, frame.next()));
        }
        boolean hasPayload = next == Found.FRAME || next == Found.REJECTED;
        if (hasPayload && frame.arrayOr(stream) == stream) {
            if (frame.to() < frame.from() || frame.from() < at || frame.to() > frame.next()) {
                throw new AssertionError("Payload %d to %d".formatted(frame.from(), frame.to()));
            }
            framing.add(text(at, frame.from()));
            framing.add(text(frame.to(), frame.next()));
        }
        reply();
        accounted += frame.next() - at;
        at = frame.next();
    }

    private String payload() {
        return new String(frame.arrayOr(stream), frame.from(), frame.to() - frame.from(), ISO_8859_1);
    }

    private String text(int from, int to) {
        return new String(stream, from, to - from, ISO_8859_1);
    }

    private void reply() {
        Reply reply = frame.takeReply();
        if (!reply.isEmpty()) {
            found.add("> " + new String(reply.bytes(), ISO_8859_1));
        }
    }
}
