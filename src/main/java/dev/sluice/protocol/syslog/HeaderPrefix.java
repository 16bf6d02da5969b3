package dev.sluice.protocol.syslog;

import dev.sluice.event.LogEvent;
import dev.sluice.text.Ascii;
import dev.sluice.text.Levels;

/**
 * What network equipment puts before the time: sequence numbers ({@code 29: }), its name ({@code router1: }), marks of
 * a clock that is not set ({@code *}, {@code .}), its node ({@code RP/0/RP0/CPU0:}), a task ({@code *spamApTask1: }),
 * structured data, a colon; and, in the place of the time, how long it has been up ({@code 00:20:10: }, {@code 1w2d:
 * }).
 */
final class HeaderPrefix {

    private static final int WORDS_MAX = 6;
    private static final int ELEMENT_BYTES_MAX = 512;

    private final HeaderTime time;

    HeaderPrefix(HeaderTime time) {
        this.time = time;
    }

    /**
     * Where the time starts, or the message after an uptime; -1 if there is neither. Sets the host if one is among the
     * words.
     */
    int end(byte[] bytes, int from, int to, LogEvent event) {
        int i = from;
        for (int word = 0; word < WORDS_MAX && i >= 0; word++) {
            int uptime = uptimeEnd(bytes, i, to);
            if (uptime > 0) {
                return uptime;
            }
            i = wordEnd(bytes, i, to, event);
            if (i >= 0 && time.decode(bytes, i, to, event) >= 0) {
                return i;
            }
        }
        return -1;
    }

    private int wordEnd(byte[] bytes, int from, int to, LogEvent event) {
        if (from >= to) {
            return -1;
        }
        return switch (bytes[from]) {
            case '*', '.' -> markEnd(bytes, from, to, event);
            case '[' -> elementEnd(bytes, from, to);
            default -> nameEnd(bytes, from, to, event);
        };
    }

    /** After the mark of a clock that is not set, or after a task, which begins with a star as well. */
    private int markEnd(byte[] bytes, int from, int to, LogEvent event) {
        if (time.decode(bytes, from + 1, to, event) >= 0 || uptimeEnd(bytes, from + 1, to) > 0) {
            return from + 1;
        }
        int end = HeaderHost.wordEnd(bytes, from, to);
        return bytes[end - 1] == ':' ? BsdHeader.blanksEnd(bytes, end, to) : -1;
    }

    private static int elementEnd(byte[] bytes, int from, int to) {
        int limit = Math.min(to - 1, from + ELEMENT_BYTES_MAX);
        for (int i = from; i < limit; i++) {
            if (bytes[i] == ']' && bytes[i + 1] == ':') {
                return BsdHeader.blanksEnd(bytes, i + 2, to);
            }
        }
        return -1;
    }

    private int nameEnd(byte[] bytes, int from, int to, LogEvent event) {
        int address = HeaderHost.wordEnd(bytes, from, to) - 1;
        if (address > from && bytes[address] == ':' && HeaderHost.isIpv6(bytes, from, address)) {
            if (!event.host().isPresent()) {
                event.host().set(bytes, from, address - from);
            }
            return BsdHeader.blanksEnd(bytes, address + 1, to);
        }
        boolean number = true;
        int i = from;
        while (i < to && HeaderHost.isHostByte(bytes[i]) && bytes[i] != ':') {
            number &= Ascii.isDigit(bytes[i]);
            i++;
        }
        if (to - i < 2 || (bytes[i] != ':' && bytes[i] != ' ')) {
            return -1;
        }
        boolean node = bytes[i] == ':' && i > from && bytes[i + 1] != ' ';
        int next = BsdHeader.blanksEnd(bytes, i + 1, to);
        int time = bytes[i] == ' ' ? nodeEnd(bytes, next, to) : next;
        if ((node || bytes[i] == ' ') && !isTimeOfCisco(bytes, time, to, event)) {
            return -1;
        }
        boolean isName = !number && !node && Levels.ofWord(bytes, from, i) == Levels.UNKNOWN;
        if (isName && !event.host().isPresent()) {
            event.host().set(bytes, from, i - from);
        }
        return next;
    }

    /** After the node of a router that follows its name, with the time right after its colon: {@code RP/0/0/CPU0:}. */
    private static int nodeEnd(byte[] bytes, int from, int to) {
        int i = from;
        boolean slash = false;
        while (i < to && bytes[i] != ':' && HeaderHost.isHostByte(bytes[i])) {
            slash |= bytes[i] == '/';
            i++;
        }
        return slash && i + 1 < to && bytes[i] == ':' && bytes[i + 1] != ' ' ? i + 1 : from;
    }

    /** Whether there is a time after which a colon comes: no other vendor writes one. */
    private boolean isTimeOfCisco(byte[] bytes, int from, int to, LogEvent event) {
        int start = from < to && (bytes[from] == '*' || bytes[from] == '.') ? from + 1 : from;
        int end = time.decode(bytes, start, to, event);
        if (end < 0) {
            return false;
        }
        int word = end < to && bytes[end] == ' ' ? HeaderHost.wordEnd(bytes, end + 1, to) : end;
        return (end < to && bytes[end] == ':') || (word > end + 1 && bytes[word - 1] == ':');
    }

    /** After an uptime at {@code from} and the colon and blank that follow it, before a tag of Cisco's; or -1. */
    private static int uptimeEnd(byte[] bytes, int from, int to) {
        int i = from;
        while (i < to
                && (Ascii.isDigit(bytes[i]) || bytes[i] == '.' || isUnit(bytes[i]) || isClockColon(bytes, i, to))) {
            i++;
        }
        boolean stamp = i - from >= 4 && Ascii.isDigit(bytes[from]);
        boolean tag = to - i > 3 && bytes[i] == ':' && bytes[i + 1] == ' ' && bytes[i + 2] == '%';
        return stamp && tag && !isNumber(bytes, from, i) ? i + 2 : -1;
    }

    private static boolean isUnit(byte b) {
        return b == 'y' || b == 'w' || b == 'd' || b == 'h';
    }

    private static boolean isClockColon(byte[] bytes, int at, int to) {
        return bytes[at] == ':' && at + 1 < to && Ascii.isDigit(bytes[at + 1]);
    }

    private static boolean isNumber(byte[] bytes, int from, int to) {
        int i = from;
        while (i < to && Ascii.isDigit(bytes[i])) {
            i++;
        }
        return i == to;
    }
}
