package dev.sluice.protocol;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.sluice.event.Framer;
import dev.sluice.event.Framer.Found;
import dev.sluice.event.Reply;
import java.util.ArrayList;
import java.util.List;

/**
 * Drives a framer as the listener does: what is incomplete is presented again from its first byte, with more behind it.
 */
final class Frames {

    private Frames() {}

    /**
     * The frames of a stream that arrives in pieces.
     *
     * @param ends where each read ends
     * @return payloads as Latin-1, rejected ones behind their reason, replies behind {@code "> "}, the end of the
     *     conversation as its name in capitals
     */
    static List<String> read(Framer framer, byte[] stream, int... ends) {
        List<String> found = new ArrayList<>();
        Framer.Frame frame = new Framer.Frame();
        int from = 0;
        for (int end : ends) {
            from = drain(framer, stream, from, end, found, frame);
        }
        from = drain(framer, stream, from, stream.length, found, frame);
        while (from < stream.length) {
            Found last = framer.last(stream, from, stream.length, frame);
            if (last == Found.INCOMPLETE) {
                throw new AssertionError("Incomplete at the end of the stream");
            }
            from = note(last, stream, from, stream.length, found, frame);
        }
        return found;
    }

    private static int drain(Framer framer, byte[] stream, int start, int end, List<String> found, Framer.Frame frame) {
        int from = start;
        while (from < end) {
            Found next = framer.next(stream, from, end, frame);
            if (next == Found.INCOMPLETE) {
                return from;
            }
            from = note(next, stream, from, end, found, frame);
        }
        return from;
    }

    @SuppressWarnings("ReferenceEquality") // which array it is, not what is in it
    private static int note(Found next, byte[] stream, int from, int end, List<String> found, Framer.Frame frame) {
        if (next == Found.GOODBYE || next == Found.MALFORMED) {
            reply(found, frame);
            found.add(next.name());
            return stream.length;
        }
        byte[] array = frame.arrayOr(stream);
        boolean unpacked = array != stream;
        if (frame.next() < from || frame.next() > end) {
            throw new AssertionError("From %d on to %d of %d".formatted(from, frame.next(), end));
        }
        if (next != Found.SKIPPED) {
            if (frame.to() < frame.from() || (!unpacked && (frame.from() < from || frame.to() > frame.next()))) {
                throw new AssertionError("Payload %d to %d".formatted(frame.from(), frame.to()));
            }
            String payload = new String(array, frame.from(), frame.to() - frame.from(), ISO_8859_1);
            found.add(next == Found.FRAME ? payload : frame.reason().label() + " " + payload);
        }
        reply(found, frame);
        return frame.next();
    }

    private static void reply(List<String> found, Framer.Frame frame) {
        Reply reply = frame.takeReply();
        if (!reply.isEmpty()) {
            found.add("> " + new String(reply.bytes(), ISO_8859_1));
        }
    }
}
