package dev.sluice.rule.search;

import dev.sluice.text.Ascii;

/** Finds IPv4 addresses: four numbers up to 255 with points between them. */
final class Ipv4Finder extends Finder {

    @Override
    public boolean mayOccur(BytePairs pairs) {
        return pairs.has('.');
    }

    @Override
    public boolean find(byte[] bytes, int from, int to, int at) {
        for (int point = indexOf(bytes, at, to, '.'); point < to; point = indexOf(bytes, point + 1, to, '.')) {
            int start = point;
            while (start > at && point - start < 4 && Ascii.isDigit(bytes[start - 1])) {
                start--;
            }
            if (start < point && (start == from || !isJoined(bytes[start - 1]))) {
                int end = end(bytes, start, to);
                if (end > 0 && !continues(bytes, end, to)) {
                    return found(start, end);
                }
            }
        }
        return false;
    }

    /** After the address at {@code from}, or 0 if there is none. */
    static int end(byte[] bytes, int from, int to) {
        int i = from;
        for (int part = 0; part < 4; part++) {
            if (part > 0 && (i >= to || bytes[i++] != '.')) {
                return 0;
            }
            int first = i;
            i = Ascii.digitsEnd(bytes, first, Math.min(to, first + 3));
            if (i == first || Ascii.number(bytes, first, i) > 255) {
                return 0;
            }
        }
        return i;
    }

    private static boolean isJoined(byte b) {
        return Ascii.isWord(b) || b == '.';
    }

    /** A point may end a sentence; one with a digit after it makes a longer number. */
    private static boolean continues(byte[] bytes, int end, int to) {
        return end < to
                && (Ascii.isDigit(bytes[end]) || (bytes[end] == '.' && end + 1 < to && Ascii.isDigit(bytes[end + 1])));
    }
}
