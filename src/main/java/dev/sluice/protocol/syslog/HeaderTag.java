package dev.sluice.protocol.syslog;

import dev.sluice.event.LogEvent;
import dev.sluice.text.Ascii;
import dev.sluice.text.AsciiNameTable;
import dev.sluice.text.Levels;

/**
 * The tag of a BSD header: {@code name:}, {@code name[pid]:}, {@code name[pid]}, {@code name<pid>:},
 * {@code %FACILITY-6-MNEMONIC:} also without the colon, {@code Name Of A Program[pid]:}. A name has a letter in it; one
 * without a process is not that of a level or of a format.
 */
final class HeaderTag {

    private static final int BYTES_MAX = 256;

    /** Punctuation that does not occur in a tag, but in messages that have none. */
    private static final String NO_TAG = "\"'{}=;|`?!^";

    private static final String EVENT = "Event:";

    private static final int WORDS_MAX = 4;

    /** What messages of a format, or of keys and values, begin with. */
    private static final AsciiNameTable<Boolean> FORMATS =
            AsciiNameTable.of("cef", true, "leef", true, "severity", true, "level", true);

    private static final boolean[] TAG = new boolean[128];

    /** What neither ends a tag nor opens or closes its process. */
    private static final boolean[] PLAIN = new boolean[128];

    static {
        for (int c = '!'; c < 127; c++) {
            TAG[c] = NO_TAG.indexOf(c) < 0;
            PLAIN[c] = TAG[c] && ":[]<>".indexOf(c) < 0;
        }
    }

    private HeaderTag() {}

    /** Sets app and process of the tag at {@code from}; returns where the message starts, or -1 if there is no tag. */
    static int decode(byte[] bytes, int from, int to, LogEvent event) {
        if (from >= to || bytes[from] == '[') {
            return -1;
        }
        int limit = Math.min(to, from + BYTES_MAX);
        int depth = 0;
        int open = from;
        int close = -1;
        int i = plainEnd(bytes, from, limit);
        while (i < limit
                && bytes[i] != ' '
                && !isColon(bytes, i, to, depth, close)
                && !isColonOfMnemonic(bytes, from, i)) {
            byte b = bytes[i];
            if (!TAG[b]) {
                return -1;
            }
            if (b == '[' || b == '<') {
                open = depth++ == 0 ? i : open;
            } else if ((b == ']' || b == '>') && --depth <= 0) {
                close = i;
            }
            i = plainEnd(bytes, i + 1, limit);
        }
        boolean colon = i < limit && bytes[i] == ':';
        boolean process = close == i - 1 && open > from && depth == 0;
        if (depth != 0 || (!colon && !(process && isNumber(bytes, open + 1, close)))) {
            return colon ? -1 : spaced(bytes, from, i, to, event);
        }
        int end = process ? open : i;
        if (process ? !hasLetter(bytes, from, end) : !isName(bytes, from, end)) {
            return -1;
        }
        event.app().set(bytes, from, end - from);
        if (process && close > open + 1) {
            event.procId().set(bytes, open + 1, close - open - 1);
        }
        return blankEnd(bytes, colon ? i + 1 : i, to);
    }

    private static int plainEnd(byte[] bytes, int from, int to) {
        int i = from;
        while (i < to && (bytes[i] < 0 || PLAIN[bytes[i]])) {
            i++;
        }
        return i;
    }

    private static int blankEnd(byte[] bytes, int from, int to) {
        return from < to && bytes[from] == ' ' ? from + 1 : from;
    }

    /** Takes back what {@link #decode} set. */
    static void forget(LogEvent event) {
        event.app().clear();
        event.procId().clear();
    }

    /** A colon ends the tag before a blank, and also before text where nothing but a tag has that form. */
    private static boolean isColon(byte[] bytes, int at, int to, int depth, int close) {
        return bytes[at] == ':' && depth == 0 && (at + 1 == to || bytes[at + 1] == ' ' || close == at - 1);
    }

    private static boolean isColonOfMnemonic(byte[] bytes, int from, int at) {
        return bytes[at] == ':' && isMnemonic(bytes, from, at);
    }

    /**
     * Sets app and process of the tag at {@code from} in a line without a header, where only what can hardly be text is
     * one: with a process, a mnemonic, or a name in lower case without digits, as hosts have them.
     */
    static void decodeCertain(byte[] bytes, int from, int to, LogEvent event) {
        int start = decode(bytes, from, to, event);
        if (start < 0) {
            return;
        }
        int end = event.app().offset() + event.app().length();
        boolean certain = event.procId().isPresent() || isMnemonic(bytes, from, end);
        if (!certain && !isLowerCase(bytes, from, end)) {
            forget(event);
        }
    }

    /** The tags that hold blanks or end at one. */
    private static int spaced(byte[] bytes, int from, int end, int to, LogEvent event) {
        if (end < to && bytes[end] != ' ') {
            return -1; // too long for a tag, and perhaps within a character
        }
        if (isMnemonic(bytes, from, end)) {
            event.app().set(bytes, from, end - from);
            return Math.min(end + 1, to);
        }
        int start = eventOf(bytes, from, end, to, event);
        return start < 0 && event.host().isPresent() ? title(bytes, from, end, to, event) : start;
    }

    /** The tag of two words that storage devices write for access to files: {@code WinFileService Event:}. */
    private static int eventOf(byte[] bytes, int from, int end, int to, LogEvent event) {
        int after = end + 1 + EVENT.length();
        if (after > to || end == from || bytes[end] != ' ' || bytes[end + 1] != 'E') {
            return -1;
        }
        for (int i = 0; i < EVENT.length(); i++) {
            if (bytes[end + 1 + i] != EVENT.charAt(i)) {
                return -1;
            }
        }
        if (!isName(bytes, from, end)) {
            return -1;
        }
        event.app().set(bytes, from, after - 1 - from);
        return blankEnd(bytes, after, to);
    }

    /**
     * The title of an application as macOS writes it after its host, each word with a capital: {@code Font Book[457]:}.
     */
    private static int title(byte[] bytes, int from, int end, int to, LogEvent event) {
        int i = from;
        int last = end;
        for (int word = 0; word < WORDS_MAX && isCapital(bytes, i, to); word++) {
            if (last < to && bytes[last] == '[') {
                return titleEnd(bytes, from, last, to, event);
            }
            if (last == to || bytes[last] != ' ') {
                return -1;
            }
            i = last + 1;
            last = i;
            while (last < to && (Ascii.isLetter(bytes[last]) || Ascii.isDigit(bytes[last]))) {
                last++;
            }
        }
        return -1;
    }

    private static int titleEnd(byte[] bytes, int from, int open, int to, LogEvent event) {
        int close = open + 1;
        while (close < to && Ascii.isDigit(bytes[close])) {
            close++;
        }
        if (close == open + 1 || close + 1 >= to || bytes[close] != ']' || bytes[close + 1] != ':') {
            return -1;
        }
        event.app().set(bytes, from, open - from);
        event.procId().set(bytes, open + 1, close - open - 1);
        return blankEnd(bytes, close + 2, to);
    }

    private static boolean isCapital(byte[] bytes, int at, int to) {
        return at < to && bytes[at] >= 'A' && bytes[at] <= 'Z';
    }

    /** Whether it is {@code %FACILITY-6-MNEMONIC}. */
    private static boolean isMnemonic(byte[] bytes, int from, int to) {
        if (from >= to || bytes[from] != '%') {
            return false;
        }
        int i = from + 2;
        while (i + 2 < to && !(bytes[i] == '-' && Ascii.isDigit(bytes[i + 1]) && bytes[i + 2] == '-')) {
            i++;
        }
        return i + 3 < to;
    }

    private static boolean isLowerCase(byte[] bytes, int from, int to) {
        int i = from;
        while (i < to && (bytes[i] == '-' || bytes[i] == '_' || isLower(bytes[i]))) {
            i++;
        }
        return i == to;
    }

    private static boolean isLower(byte b) {
        return b >= 'a' && b <= 'z';
    }

    private static boolean hasLetter(byte[] bytes, int from, int to) {
        int i = from;
        while (i < to && bytes[i] >= 0 && !Ascii.isLetter(bytes[i])) {
            i++;
        }
        return i < to;
    }

    private static boolean isName(byte[] bytes, int from, int to) {
        return hasLetter(bytes, from, to)
                && !isPlaceOrLevel(bytes, from, to)
                && FORMATS.find(bytes, from, to) == null
                && Levels.ofWord(bytes, from, to) == Levels.UNKNOWN;
    }

    /** Whether it is the line of a file, {@code main.go:71}, or begins with the letter of a level, {@code I:System}. */
    private static boolean isPlaceOrLevel(byte[] bytes, int from, int to) {
        int i = to;
        while (i > from && Ascii.isDigit(bytes[i - 1])) {
            i--;
        }
        boolean isPlace = i < to && i > from && bytes[i - 1] == ':';
        return isPlace || (to - from > 2 && bytes[from + 1] == ':' && bytes[from + 2] != ':');
    }

    private static boolean isNumber(byte[] bytes, int from, int to) {
        int i = from;
        while (i < to && (Ascii.isDigit(bytes[i]) || bytes[i] == '.')) {
            i++;
        }
        return i == to && i > from;
    }
}
