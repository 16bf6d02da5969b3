package dev.sluice.protocol.line;

import dev.sluice.text.Ascii;

/** Tells where an event begins in text that has no line ends. */
@FunctionalInterface
public interface EventStarts {

    /**
     * Where the event begins whose PRI opens at {@code open}: after {@code from}, or {@link OctetCount#NONE}, or
     * {@link OctetCount#UNDECIDED} while bytes after {@code to} are needed to tell.
     *
     * @param last whether no more will come
     */
    int before(byte[] bytes, int from, int open, int to, boolean last);

    /** Events that begin with a PRI. */
    static int pri(byte[] bytes, int from, int open, int to, boolean last) {
        int end = open == from ? OctetCount.NONE : OctetCount.priEnd(bytes, open, to);
        return end > 0 ? open : last ? OctetCount.NONE : end;
    }

    /**
     * Events that begin with a count and a PRI. When more digits stand before the PRI than the count has, because the
     * text before it ends with some, the fewest are taken whose frame another one follows.
     */
    static int counted(byte[] bytes, int from, int open, int to, boolean last) {
        int first = longestCount(bytes, from, open);
        int priEnd = first == OctetCount.NONE ? OctetCount.NONE : OctetCount.priEnd(bytes, open, to);
        if (priEnd <= 0) {
            return last ? OctetCount.NONE : priEnd;
        }
        int longest = open + OctetCount.value(bytes, first);
        for (int start = open - 2; start > first; start--) {
            int end = open + OctetCount.value(bytes, start);
            if (bytes[start] != '0' && end >= priEnd && end - open <= CHECKED_BYTES_MAX) {
                int looked = Math.min(end + STEP_BYTES, longest);
                if (to < looked && !last) {
                    return OctetCount.UNDECIDED;
                }
                if (isStep(bytes, end, Math.min(to, longest), last && to <= longest)) {
                    return start;
                }
            }
        }
        return longest >= priEnd ? first : OctetCount.NONE;
    }

    /** No longer frame is waited for to tell digits of a count from those of a text. */
    int CHECKED_BYTES_MAX = 4 * 1024;

    /** What {@link #isStep} looks at. */
    int STEP_BYTES = 2 + 2 + OctetCount.PRI_BYTES_MAX;

    /**
     * Whether a frame begins at {@code at}, or a byte or two after it, since who counts wrong once does it again.
     *
     * @param last whether the stream ends at {@code to}
     */
    static boolean isStep(byte[] bytes, int at, int to, boolean last) {
        for (int i = at; i <= Math.min(at + 2, to); i++) {
            int start = i;
            while (start < Math.min(to, i + 2) && isLineEnd(bytes[start])) {
                start++;
            }
            if (start == to) {
                return last;
            }
            if (OctetCount.sizeBeforePri(bytes, start, to) > 0 || OctetCount.priEnd(bytes, start, to) > 0) {
                return true;
            }
        }
        return false;
    }

    /** The same, also with one frame without a PRI before: a number in a text is a count by chance, but in no step. */
    static boolean isStepOrOneBefore(byte[] bytes, int at, int to, boolean last) {
        if (isStep(bytes, at, to, last)) {
            return true;
        }
        int size = OctetCount.size(bytes, at, to);
        return size > 0 && isStep(bytes, at + size + OctetCount.value(bytes, at), to, last);
    }

    /** What may stand between two frames, and is a part of neither. */
    static boolean isLineEnd(byte b) {
        return b == '\n' || b == '\r' || b == 0;
    }

    /** Where the digits begin before a space and {@code open}, without leading zeros, after {@code from}. */
    private static int longestCount(byte[] bytes, int from, int open) {
        if (open - from < 3 || bytes[open - 1] != ' ') {
            return OctetCount.NONE;
        }
        int first = open - 1;
        int least = Math.max(from + 1, open - OctetCount.BYTES_MAX);
        while (first > least && Ascii.isDigit(bytes[first - 1])) {
            first--;
        }
        while (bytes[first] == '0') {
            first++;
        }
        return first < open - 1 ? first : OctetCount.NONE;
    }
}
