package dev.sluice.protocol.syslog;

import dev.sluice.event.Framer;
import dev.sluice.protocol.line.EventStarts;
import dev.sluice.protocol.line.JoinedLines;
import dev.sluice.protocol.line.LineFramer;
import dev.sluice.text.Ascii;
import org.jspecify.annotations.Nullable;

/**
 * Both framings of RFC 6587. A connection sends lines until it counts a frame ({@link CountingGuess}); from then on
 * each frame goes by its count, and what begins with none is a line, because some senders mix the two. Lines may be
 * {@link JoinedLines joined}, frames with a count need it not.
 */
public final class SyslogFramer implements Framer {

    private final LineFramer lines;
    private final CountedFramer counted;
    private final CountingGuess guess;
    private final @Nullable JoinedLines joined;
    private boolean isCounted;

    public SyslogFramer(int frameBytesMax) {
        this(frameBytesMax, 0);
    }

    /**
     * A framer that joins lines.
     *
     * @param linesMax the most lines of one event; fewer than 2 join none
     */
    public SyslogFramer(int frameBytesMax, int linesMax) {
        joined = linesMax > 1 ? new JoinedLines(frameBytesMax, linesMax) : null;
        lines = new LineFramer(frameBytesMax, EventStarts::pri);
        counted = new CountedFramer(frameBytesMax);
        guess = new CountingGuess(frameBytesMax);
    }

    @Override
    public Found next(byte[] bytes, int from, int to, Frame frame) {
        if (isCounted) {
            return counted.next(bytes, from, to, frame);
        }
        if (joined != null && joined.isUnderWay()) {
            return joined.more(bytes, from, to, frame, false);
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
        return isCounted
                ? counted.next(bytes, from, to, frame)
                : joined(lines.next(bytes, from, to, frame), bytes, from, to, frame);
    }

    private Found joined(Found line, byte[] bytes, int from, int to, Frame frame) {
        JoinedLines more = joined;
        return more != null && line == Found.FRAME && !lines.isCut() ? more.begin(bytes, from, to, frame) : line;
    }

    @Override
    public Found last(byte[] bytes, int from, int to, Frame frame) {
        Found found = next(bytes, from, to, frame);
        if (found != Found.INCOMPLETE) {
            return found;
        }
        if (joined != null && joined.isUnderWay()) {
            return joined.more(bytes, from, to, frame, true);
        }
        boolean undecided = !isCounted && !lines.isInside() && !lines.isCut() && Ascii.isDigit(bytes[from]);
        isCounted |= undecided && guess.of(bytes, from, to, true) == CountingGuess.Answer.COUNTED;
        return isCounted ? counted.last(bytes, from, to, frame) : lines.last(bytes, from, to, frame);
    }
}
