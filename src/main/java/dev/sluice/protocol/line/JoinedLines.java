package dev.sluice.protocol.line;

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
public final class JoinedLines {

    private final int frameBytesMax;
    private final int linesMax;
    private final TraceLines trace = new TraceLines();

    /** Lines of the event at hand; 0 when there is none. */
    private int lines;

    // Places in the event at hand, from its first byte: where its first line ends and its last, where the next one
    // begins, and how far that one was searched.
    private int firstEnd;
    private int end;
    private int next;
    private int searched;

    /** Whether an event was sent on of which it is not known whether the line after it goes on with it. */
    private boolean isOpen;

    /** Whether the first line goes on with it. */
    private boolean isRest;

    public JoinedLines(int frameBytesMax, int linesMax) {
        this.frameBytesMax = frameBytesMax;
        this.linesMax = linesMax;
    }

    /** Whether an event is begun. */
    public boolean isUnderWay() {
        return lines > 0;
    }

    /** Begins an event with the line at hand, which is a frame from {@code from} on, and looks for {@link #more}. */
    public Found begin(byte[] bytes, int from, int to, Frame line) {
        isRest = isOpen && trace.goesOn(bytes, line.from(), line.to(), 0, 0);
        if (!isRest) {
            trace.begin(bytes, line.from(), line.to());
        }
        lines = 1;
        firstEnd = line.to() - from;
        end = firstEnd;
        next = line.next() - from;
        searched = next;
        return more(bytes, from, to, line, false);
    }

    /** Looks for more lines of the event that begins at {@code from}: a frame when there are none. */
    public Found more(byte[] bytes, int from, int to, Frame frame, boolean last) {
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
                if (!trace.goesOn(bytes, line, trimmed, from, from + firstEnd)) {
                    isOpen = false;
                    return event(from, frame);
                }
                end = trimmed - from;
            }
            lines++;
            next = Math.min(lineEnd + 1, to) - from;
            searched = next;
        }
        isOpen = from + next >= to || TraceLines.mayGoOn(bytes[from + next]);
        if (isOpen) {
            trace.settle(bytes, from, from + firstEnd);
        }
        return event(from, frame);
    }

    private Found event(int from, Frame frame) {
        lines = 0;
        frame.set(from, from + end, from + next);
        if (isRest) {
            frame.goesOn();
        }
        return Found.FRAME;
    }
}
