package dev.sluice.rule.search;

import dev.sluice.text.Ascii;

/** Finds e-mail addresses: some characters, an at sign, a domain with a point. */
final class EmailFinder extends Finder {

    @Override
    public boolean mayOccur(BytePairs pairs) {
        return pairs.has('@');
    }

    @Override
    public boolean find(byte[] bytes, int from, int to, int at) {
        for (int sign = indexOf(bytes, at, to, '@'); sign < to; sign = indexOf(bytes, sign + 1, to, '@')) {
            int start = sign;
            while (start > at && isLocal(bytes[start - 1])) {
                start--;
            }
            int end = domainEnd(bytes, sign + 1, to);
            if (start < sign && end > 0) {
                return found(start, end);
            }
        }
        return false;
    }

    /** After the domain, or 0 if it is none. */
    private static int domainEnd(byte[] bytes, int from, int to) {
        int end = from;
        while (end < to && (Ascii.isWord(bytes[end]) || bytes[end] == '-' || bytes[end] == '.')) {
            end++;
        }
        // A sentence may end after it.
        while (end > from && !Ascii.isWord(bytes[end - 1])) {
            end--;
        }
        int point = end;
        while (point > from && bytes[point - 1] != '.') {
            point--;
        }
        return point > from + 1 && end - point > 1 ? end : 0;
    }

    private static boolean isLocal(byte b) {
        return Ascii.isWord(b)
                || b == '.'
                || b == '+'
                || b == '-'
                || b == '%'
                || b == '!'
                || b == '#'
                || b == '&'
                || b == '*'
                || b == '/'
                || b == '^'
                || b == '~'
                || b == '$';
    }
}
