package dev.sluice.protocol.syslog;

import dev.sluice.protocol.line.EventStarts;
import dev.sluice.protocol.line.OctetCount;
import dev.sluice.text.SwarSearch;

/**
 * Tells whether a connection counts its frames. A count before a PRI says so at once. Other digits may begin a line of
 * text: they are a count when the bytes that they count have no LF in them, and what follows is another count; one that
 * no PRI follows has to be right, too. So a line such as {@code 200 OK} stays one.
 */
final class CountingGuess {

    /** What is known. */
    enum Answer {
        COUNTED,
        LINE,
        /** More bytes are needed. */
        UNDECIDED
    }

    private final int frameBytesMax;

    /** How far no LF was found. */
    private int searched;

    CountingGuess(int frameBytesMax) {
        this.frameBytesMax = frameBytesMax;
    }

    /** What the bytes from {@code from} on are; presented again with more after them while it is undecided. */
    Answer of(byte[] bytes, int from, int to, boolean last) {
        int pri = OctetCount.sizeBeforePri(bytes, from, to);
        Answer answer;
        if (pri > 0) {
            boolean believed = CountedFramer.isBelieved(OctetCount.value(bytes, from), frameBytesMax);
            answer = believed ? Answer.COUNTED : Answer.LINE;
        } else {
            answer = pri == OctetCount.UNDECIDED && !last ? Answer.UNDECIDED : first(bytes, from, to, last);
        }
        searched = answer == Answer.UNDECIDED ? searched : 0;
        return answer;
    }

    private Answer first(byte[] bytes, int from, int to, boolean last) {
        int end = end(bytes, from, from, to);
        if (end <= 0 || to < end) {
            return end == OctetCount.NONE || last ? Answer.LINE : Answer.UNDECIDED;
        }
        int next = end;
        while (next < Math.min(to, end + 2) && EventStarts.isLineEnd(bytes[next])) {
            next++;
        }
        if (next == to) {
            return last ? Answer.COUNTED : Answer.UNDECIDED;
        }
        int pri = OctetCount.sizeBeforePri(bytes, next, to);
        if (pri == OctetCount.UNDECIDED && !last) {
            return Answer.UNDECIDED;
        }
        return pri > 0 ? Answer.COUNTED : second(bytes, from, next, to, last);
    }

    private Answer second(byte[] bytes, int from, int start, int to, boolean last) {
        int end = end(bytes, from, start, to);
        if (end <= 0 || to <= end) {
            return end == OctetCount.NONE || (last && to != end)
                    ? Answer.LINE
                    : last ? Answer.COUNTED : Answer.UNDECIDED;
        }
        boolean goesOn = EventStarts.isLineEnd(bytes[end]) || OctetCount.size(bytes, end, to) != OctetCount.NONE;
        return goesOn ? Answer.COUNTED : Answer.LINE;
    }

    /** Where the frame ends that {@code start} counts, if no line ends before; else as {@link OctetCount#size}. */
    private int end(byte[] bytes, int from, int start, int to) {
        int size = OctetCount.size(bytes, start, to);
        if (size <= 0) {
            return size;
        }
        int count = OctetCount.value(bytes, start);
        if (count > frameBytesMax) {
            return OctetCount.NONE;
        }
        int end = start + size + count;
        int looked = Math.min(end, to);
        int newline = SwarSearch.newline(bytes, Math.max(start + size, from + searched), looked);
        searched = Math.max(searched, looked - from);
        return newline < looked ? OctetCount.NONE : end;
    }
}
