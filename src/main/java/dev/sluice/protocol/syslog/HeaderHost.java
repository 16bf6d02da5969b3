package dev.sluice.protocol.syslog;

import dev.sluice.event.LogEvent;
import dev.sluice.text.Ascii;
import dev.sluice.text.Levels;
import dev.sluice.text.Slice;

/** Which words of a BSD header are hosts. When in doubt none is: a wrong host is worse than none. */
final class HeaderHost {

    private static final boolean[] HOST = new boolean[128];

    private static final int NAMED = 1;
    private static final int SPECIAL = 2;
    private static final byte[] PLAIN = new byte[128];

    static {
        for (int c = 0; c < 127; c++) {
            boolean special = Character.isDigit(c) || c == '-' || c == '.';
            PLAIN[c] = (byte) ((Character.isLetter(c) || c == '.' ? NAMED : 0) | (special ? SPECIAL : 0));
        }
        for (int c = '!'; c < 127; c++) {
            HOST[c] = Character.isLetterOrDigit(c) || ".-_:/@%".indexOf(c) >= 0;
        }
    }

    private HeaderHost() {}

    /**
     * Sets the host that the word at {@code from} is.
     *
     * @return where what follows starts, without the blank between; {@code from} if the word is no host
     */
    static int decode(byte[] bytes, int from, int to, LogEvent event) {
        int end = wordEnd(bytes, from, to);
        boolean bracketed = end - from > 2 && bytes[from] == '[' && bytes[end - 1] == ']';
        int first = bracketed ? from + 1 : from;
        int last = bracketed ? end - 1 : end;
        if (end == from
                || !isHost(bytes, first, last)
                || (bracketed && !isIpv6(bytes, first, last) && !isAddressV4(bytes, first, last))) {
            return from;
        }
        event.host().set(bytes, first, last - first);
        return Math.min(end + 1, to);
    }

    /** Whether {@code bytes[from, to)} is an IPv6 address, or the part of one before its last colon. */
    static boolean isIpv6(byte[] bytes, int from, int to) {
        int colons = 0;
        for (int i = from; i < to; i++) {
            if (bytes[i] == ':') {
                colons++;
            } else if (bytes[i] == '%' && colons > 1) {
                break; // the interface of a link-local address
            } else if (!Ascii.isHex(bytes[i]) && bytes[i] != '.') {
                return false;
            }
        }
        return colons > 1;
    }

    private static boolean isPort(byte[] bytes, int from, int to) {
        return from < to && Ascii.digitsEnd(bytes, from, to) == to;
    }

    /** Whether {@code bytes[from, to)} is an IPv4 address. */
    static boolean isAddressV4(byte[] bytes, int from, int to) {
        int points = 0;
        int i = from;
        while (i < to && (Ascii.isDigit(bytes[i]) || bytes[i] == '.')) {
            points += bytes[i] == '.' ? 1 : 0;
            i++;
        }
        return i == to && points == 3;
    }

    /** Whether a host looks like nothing else: it has a digit, a point or a hyphen. */
    static boolean isSpecial(Slice host) {
        byte[] bytes = host.array();
        for (int i = host.offset(); i < host.offset() + host.length(); i++) {
            if (Ascii.isDigit(bytes[i]) || bytes[i] == '.' || bytes[i] == '-') {
                return true;
            }
        }
        return false;
    }

    static boolean isHostByte(byte b) {
        return b > 0 && HOST[b];
    }

    /**
     * Where the word at {@code from} ends if it is a host and cannot be a tag, as most are: a name or an address of
     * letters, digits, points and hyphens that a blank ends; else {@code from}.
     */
    static int plainEnd(byte[] bytes, int from, int to) {
        int kinds = 0;
        int i = from;
        while (i < to && bytes[i] > 0 && PLAIN[bytes[i]] != 0) {
            kinds |= PLAIN[bytes[i]];
            i++;
        }
        // "WinFileService Event:" is a tag of two words.
        boolean host = kinds == (NAMED | SPECIAL) && bytes[from] != '-';
        return host && to - i > 1 && bytes[i] == ' ' && bytes[i + 1] != 'E' ? i : from;
    }

    /** Where the word at {@code from} ends, at a blank, a tab or {@code to}. */
    static int wordEnd(byte[] bytes, int from, int to) {
        int i = from;
        while (i < to && bytes[i] != ' ' && bytes[i] != '\t') {
            i++;
        }
        return i;
    }

    static boolean isHost(byte[] bytes, int from, int to) {
        boolean letter = false;
        boolean special = false;
        int colon = -1;
        for (int i = from; i < to; i++) {
            byte b = bytes[i];
            if (!isHostByte(b)) {
                return false;
            }
            colon = b == ':' ? i : colon;
            letter |= Ascii.isLetter(b) || b == '.' || b == ':';
            special |= Ascii.isDigit(b) || b == '.' || b == '-';
        }
        boolean edges = bytes[from] != '-'
                && bytes[from] != '/'
                && bytes[from] != '%'
                && bytes[from] != '@'
                && (bytes[from] != ':' || isIpv6(bytes, from, to));
        return letter
                && edges
                && (colon < 0 || isPort(bytes, colon + 1, to) || isIpv6(bytes, from, to))
                && (special || Levels.ofWord(bytes, from, to) == Levels.UNKNOWN);
    }
}
