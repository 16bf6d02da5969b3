package dev.sluice.protocol;

import dev.sluice.event.Framer;
import dev.sluice.text.Ascii;

/**
 * Both framings of RFC 6587. A connection sends lines until it counts a frame ({@link CountingGuess}); from then on
 * each frame goes by its count, and what begins with none is a line, because some senders mix the two.
 */
final class SyslogFramer implements Framer {

    private final LineFramer lines;
    private final CountedFramer counted;
    private final CountingGuess guess;
    private boolean isCounted;

    SyslogFramer(int frameBytesMax) {
        lines = new LineFramer(frameBytesMax, EventStarts::pri);
        counted = new CountedFramer(frameBytesMax);
        guess = new CountingGuess(frameBytesMax);
    }

    @Override
    public Found next(byte[] bytes, int from, int to, Frame frame) {
        if (isCounted) {
            return counted.next(bytes, from, to, frame);
        }
        if (!lines.isInside() && !lines.isCut()) {
            if (EventStarts.isLineEnd(bytes[from])) {
                frame.set(from, from, from + 1);
                return Found.SKIPPED;
            }
            if (Ascii.isDigit(bytes[from])) {
                CountingGuess.Answer answer = guess.of(bytes, from, to, false);
                if (answer == CountingGuess.Answer.UNDECIDED) {
                    return Found.INCOMPLETE;
                }
                isCounted = answer == CountingGuess.Answer.COUNTED;
            }
        }
        return isCounted ? counted.next(bytes, from, to, frame) : lines.next(bytes, from, to, frame);
    }

    @Override
    public Found last(byte[] bytes, int from, int to, Frame frame) {
        Found found = next(bytes, from, to, frame);
        if (found != Found.INCOMPLETE) {
            return found;
        }
        boolean undecided = !isCounted && !lines.isInside() && !lines.isCut() && Ascii.isDigit(bytes[from]);
        isCounted |= undecided && guess.of(bytes, from, to, true) == CountingGuess.Answer.COUNTED;
        return isCounted ? counted.last(bytes, from, to, frame) : lines.last(bytes, from, to, frame);
    }
}
