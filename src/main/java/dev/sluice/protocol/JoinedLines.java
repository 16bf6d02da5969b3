package dev.sluice.protocol;

import dev.sluice.event.Framer.Found;
import dev.sluice.event.Framer.Frame;

/**
 * Makes one event of a line and those after it that {@link TraceLines go on} with it, with the line ends between them.
 * It is as long as a frame at most and has so many lines at most; what goes on beyond that is another event.
 *
 * <p>An event waits for the end of a line that has begun, never for another line: when a read ends where a line does,
 * what is there is sent on, so that no event of a quiet shipper is held back and there is no timer. Each byte is
 * searched once, however the lines were cut.
 */
final class JoinedLines {

    private final int frameBytesMax;
    private final int linesMax;
    private final TraceLines trace = new TraceLines();

    /** Lines of the event at hand; 0 when there is none. */
    private int lines;

    // Places in the event at hand, from its first byte: where its last line ends, where the next begins, and how far
    // that one was searched.
    private int end;
    private int next;
    private int searched;

    /** Whether an event was sent on. */
    private boolean hasSent;

    /** Whether the first line goes on with it. */
    private boolean isRest;

    JoinedLines(int frameBytesMax, int linesMax) {
        this.frameBytesMax = frameBytesMax;
        this.linesMax = linesMax;
    }

    /** Whether an event is begun. */
    boolean isUnderWay() {
        return lines > 0;
    }

    /** Begins an event with the line at hand, which is a frame from {@code from} on, and looks for {@link #more}. */
    Found begin(byte[] bytes, int from, int to, Frame line) {
        isRest = hasSent && trace.goesOn(bytes, line.from(), line.to());
        if (!isRest) {
            trace.begin(bytes, line.from(), line.to());
        }
        lines = 1;
        end = line.to() - from;
        next = line.next() - from;
        searched = next;
        return more(bytes, from, to, line, false);
    }

    /** Looks for more lines of the event that begins at {@code from}: a frame when there are none. */
    Found more(byte[] bytes, int from, int to, Frame frame, boolean last) {
        while (lines < linesMax && from + next < to && TraceLines.mayGoOn(bytes[from + next])) {
            int lineEnd = LineFramer.end(bytes, from + searched, to);
            if (lineEnd - from > frameBytesMax) {
                break;
            }
            if (lineEnd == to && !last) {
                searched = to - from;
                return Found.INCOMPLETE;
            }
            int line = from + next;
            int trimmed = LineFramer.trimmed(bytes, line, lineEnd);
            if (!LineFramer.isBlank(bytes, line, trimmed)) {
                if (!trace.goesOn(bytes, line, trimmed)) {
                    break;
                }
                end = trimmed - from;
            }
            lines++;
            next = Math.min(lineEnd + 1, to) - from;
            searched = next;
        }
        lines = 0;
        hasSent = true;
        frame.set(from, from + end, from + next);
        if (isRest) {
            frame.goesOn();
        }
        return Found.FRAME;
    }
}
