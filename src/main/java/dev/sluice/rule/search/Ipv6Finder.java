package dev.sluice.rule.search;

import dev.sluice.text.Ascii;

/** Finds IPv6 addresses as RFC 4291 section 2.2 writes them, also with an IPv4 address at the end. */
final class Ipv6Finder extends Finder {

    private static final int GROUPS = 8;
    private static final int LENGTH_MAX = 46;

    @Override
    public boolean mayOccur(BytePairs pairs) {
        return pairs.has(':');
    }

    @Override
    public boolean find(byte[] bytes, int from, int to, int at) {
        int colon = indexOf(bytes, at, to, ':');
        while (colon < to) {
            int start = colon;
            while (start > at && Ascii.isHex(bytes[start - 1])) {
                start--;
            }
            int end = colon;
            while (end < to && (Ascii.isHex(bytes[end]) || bytes[end] == ':' || bytes[end] == '.')) {
                end++;
            }
            int stop = end;
            if ((start == from || !Ascii.isWord(bytes[start - 1])) && (end == to || !Ascii.isWord(bytes[end]))) {
                stop = trimmed(bytes, start, end);
                if (stop - start <= LENGTH_MAX && isAddress(bytes, start, stop)) {
                    return found(start, stop);
                }
            }
            colon = indexOf(bytes, end, to, ':');
        }
        return false;
    }

    /** Without what a sentence puts after it. */
    private static int trimmed(byte[] bytes, int from, int to) {
        int end = to;
        while (end > from
                && (bytes[end - 1] == '.' || (bytes[end - 1] == ':' && bytes[Math.max(end - 2, from)] != ':'))) {
            end--;
        }
        return end;
    }

    private static boolean isAddress(byte[] bytes, int from, int to) {
        int groups = 0;
        boolean gap = false;
        int i = from;
        while (i < to) {
            if (bytes[i] == ':' && i + 1 < to && bytes[i + 1] == ':') {
                if (gap) {
                    return false;
                }
                gap = true;
                i += 2;
                continue;
            }
            if (groups > 0 && bytes[i] == ':') {
                i++;
            }
            int first = i;
            while (i < to && Ascii.isHex(bytes[i])) {
                i++;
            }
            if (i < to && bytes[i] == '.') {
                groups += 2;
                return Ipv4Finder.end(bytes, first, to) == to && (gap ? groups < GROUPS : groups == GROUPS);
            }
            if (i == first || i - first > 4) {
                return false;
            }
            groups++;
        }
        return groups > 0 && (gap ? groups < GROUPS : groups == GROUPS);
    }
}
