package dev.sluice.protocol;

import dev.sluice.event.LogEvent;
import dev.sluice.text.Ascii;
import dev.sluice.text.Levels;

/**
 * The tag of a BSD header: {@code name:}, {@code name[pid]:}, {@code name[pid]}, {@code name<pid>:},
 * {@code %FACILITY-6-MNEMONIC:}. A name has a letter in it and is not that of a level.
 */
final class HeaderTag {

    private static final int BYTES_MAX = 256;

    /** Punctuation that does not occur in a tag, but in messages that have none. */
    private static final String NO_TAG = "\"'{}=;|`?!^";

    private static final String EVENT = "Event:";

    private static final boolean[] TAG = new boolean[128];

    static {
        for (int c = '!'; c < 127; c++) {
            TAG[c] = NO_TAG.indexOf(c) < 0;
        }
    }

    private HeaderTag() {}

    /** Sets app and process of the tag at {@code from}; returns where the message starts, or -1 if there is no tag. */
    static int decode(byte[] bytes, int from, int to, LogEvent event) {
        int limit = Math.min(to, from + BYTES_MAX);
        int depth = 0;
        int open = from;
        int close = -1;
        int i = from;
        while (i < limit && bytes[i] != ' ' && !isColon(bytes, i, to, depth, close)) {
            byte b = bytes[i];
            if (b >= 0 && !TAG[b]) {
                return -1;
            }
            if (b == '[' || b == '<') {
                open = depth++ == 0 ? i : open;
            } else if ((b == ']' || b == '>') && --depth <= 0) {
                close = i;
            }
            i++;
        }
        boolean colon = i < limit && bytes[i] == ':';
        boolean process = close == i - 1 && open > from && depth == 0;
        if (depth != 0 || (!colon && !(process && isNumber(bytes, open + 1, close)))) {
            return colon ? -1 : spaced(bytes, from, i, to, event);
        }
        int end = process ? open : i;
        if (!isName(bytes, from, end)) {
            return -1;
        }
        event.app().set(bytes, from, end - from);
        if (process && close > open + 1) {
            event.procId().set(bytes, open + 1, close - open - 1);
        }
        int after = colon ? i + 1 : i;
        return after < to && bytes[after] == ' ' ? after + 1 : after;
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

    /** The tag of two words that storage devices write for access to files: {@code WinFileService Event:}. */
    private static int spaced(byte[] bytes, int from, int end, int to, LogEvent event) {
        int after = end + 1 + EVENT.length();
        if (after > to || end == from || bytes[end] != ' ' || !isName(bytes, from, end)) {
            return -1;
        }
        for (int i = 0; i < EVENT.length(); i++) {
            if (bytes[end + 1 + i] != EVENT.charAt(i)) {
                return -1;
            }
        }
        event.app().set(bytes, from, after - 1 - from);
        return after < to && bytes[after] == ' ' ? after + 1 : after;
    }

    private static boolean isName(byte[] bytes, int from, int to) {
        boolean letter = false;
        for (int i = from; i < to; i++) {
            letter |= bytes[i] < 0 || Ascii.isLetter(bytes[i]);
        }
        return letter && Levels.severity(bytes, from, to, Levels.Scale.COMMON) == Levels.UNKNOWN;
    }

    private static boolean isNumber(byte[] bytes, int from, int to) {
        int i = from;
        while (i < to && (Ascii.isDigit(bytes[i]) || bytes[i] == '.')) {
            i++;
        }
        return i == to && i > from;
    }
}
