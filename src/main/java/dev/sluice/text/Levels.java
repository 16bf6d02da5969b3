package dev.sluice.text;

import java.util.Locale;

/**
 * What loggers call severity, as that of syslog. The plain names of the eight severities say nothing more than the
 * number; any other name or number is finer or on another scale, so that its text is kept beside it.
 */
public final class Levels {

    private static final AsciiNameTable<Integer> PLAIN = AsciiNameTable.of(
            "emerg",
            0,
            "emergency",
            0,
            "alert",
            1,
            "crit",
            2,
            "critical",
            2,
            "err",
            3,
            "error",
            3,
            "warning",
            4,
            "warn",
            4,
            "notice",
            5,
            "info",
            6,
            "informational",
            6,
            "debug",
            7);

    private static final AsciiNameTable<Integer> OTHER = AsciiNameTable.of(
            "panic",
            0,
            "dpanic",
            2,
            "fatal",
            2,
            "severe",
            3,
            "information",
            6,
            "config",
            7,
            "verbose",
            7,
            "fine",
            7,
            "finer",
            7,
            "finest",
            7,
            "trace",
            7,
            "all",
            7,
            "trc",
            7,
            "dbg",
            7,
            "inf",
            6,
            "wrn",
            4,
            "ftl",
            2,
            "alrt",
            1,
            "cri",
            2,
            "crt",
            2,
            "warnings",
            4,
            "notif",
            5,
            "notification",
            5,
            "notifications",
            5,
            "informative",
            6,
            "log",
            6,
            "statement",
            6,
            "detail",
            6,
            "hint",
            6,
            "success",
            6,
            "http",
            6,
            "silly",
            7,
            "debugging",
            7,
            "emergencies",
            0,
            "alerts",
            1,
            "debug1",
            7,
            "debug2",
            7,
            "debug3",
            7,
            "debug4",
            7,
            "debug5",
            7,
            "d1",
            7,
            "d2",
            7,
            "d3",
            7,
            "d4",
            7,
            "d5",
            7,
            "f",
            2,
            "c",
            2,
            "e",
            3,
            "w",
            4,
            "i",
            6,
            "d",
            7,
            "t",
            7,
            "v",
            7);

    /** Names that are words of a log's header, and hardly of anything else. */
    private static final AsciiNameTable<Integer> WORDS =
            AsciiNameTable.of("panic", 0, "fatal", 2, "severe", 3, "information", 6, "trace", 7, "verbose", 7);

    /** What is returned for text that names no severity. */
    public static final int UNKNOWN = -1;

    /** Added to a severity whose text says more than the number. */
    public static final int FINER = 8;

    /** Whose numbers a level is written in. */
    public enum Scale {
        /** Syslog's 0 to 7, else that of bunyan and pino, Google or logback, which their numbers tell apart. */
        COMMON,
        /** None: what is no name is no level. */
        NAMES,
        /** Syslog's, in a field that may as well say how urgent a task is. */
        DOUBTFUL,
        /** That of Monolog, on which 400 is an error. */
        MONOLOG,
        /** That of Python's logging, whose numbers mean something else to bunyan. */
        PYTHON,
        /** 1 to 24. */
        OPEN_TELEMETRY,
        /** 0 to 4, from verbose to critical. */
        APPLICATION_INSIGHTS,
        /** Eight times the facility and the severity (RFC 5424 section 6.2.1). */
        PRI;

        /** The scale of the field of that name, in lower case. */
        public static Scale ofField(String name) {
            return switch (name) {
                case "levelno" -> PYTHON;
                case "s" -> NAMES;
                case "priority" -> DOUBTFUL;
                case "severity_number", "severitynumber" -> OPEN_TELEMETRY;
                case "severitylevel" -> APPLICATION_INSIGHTS;
                case "pri", "syslog_priority", "syslog.priority", "syslog_pri" -> PRI;
                default -> COMMON;
            };
        }

        /** The scale of the field at that path, of which somebody says that it is a level: then nothing is doubtful. */
        public static Scale ofLevelAt(String path) {
            String name = path.toLowerCase(Locale.ROOT);
            Scale scale = ofField(name);
            while (scale == COMMON && !name.isEmpty()) {
                boolean isMarked = name.charAt(0) == '_' || name.charAt(0) == '@';
                int dot = name.indexOf('.');
                name = name.substring(isMarked ? 1 : dot < 0 ? name.length() : dot + 1);
                scale = ofField(name);
            }
            return scale == NAMES || scale == DOUBTFUL ? COMMON : scale;
        }
    }

    private static final int NUMBER_MAX = 99_999;
    private static final int NUMBER_DIGITS_MAX = 5;
    private static final byte ESCAPE = 0x1B;
    private static final byte COLOUR_END = 'm';

    private Levels() {}

    /**
     * The severity that a name or a number means, which may stand in blanks, {@link #FINER} added where it says more,
     * or {@code UNKNOWN}.
     */
    public static int severity(byte[] bytes, int from, int to, Scale scale) {
        int first = from;
        int last = to;
        while (first < last && bytes[first] == ' ') {
            first++;
        }
        while (last > first && bytes[last - 1] == ' ') {
            last--;
        }
        int number = number(bytes, first, last, NUMBER_MAX);
        if (number < 0) {
            return named(bytes, first, last);
        }
        int severity = LevelNumbers.severity(number, scale);
        boolean plain = severity < 0 || ((scale == Scale.COMMON || scale == Scale.DOUBTFUL) && number < FINER);
        return plain ? severity : severity + FINER;
    }

    /** The severity of a name, which may stand in blanks, brackets or the colours of a terminal. */
    private static int named(byte[] bytes, int from, int to) {
        int first = from;
        while (first < to && (isAround(bytes[first]) || bytes[first] == ESCAPE)) {
            first = bytes[first] == ESCAPE ? colourEnd(bytes, first, to) : first + 1;
        }
        int last = SwarSearch.either(bytes, first, to, ESCAPE, ESCAPE);
        while (last > first && isAround(bytes[last - 1])) {
            last--;
        }
        int level = ofName(bytes, first, last);
        return level == UNKNOWN ? distant(bytes, first, last) : level;
    }

    private static int colourEnd(byte[] bytes, int from, int to) {
        return Math.min(SwarSearch.either(bytes, from, to, COLOUR_END, COLOUR_END) + 1, to);
    }

    /** Go's slog writes how far a level is from the one with a name: {@code DEBUG-4}. */
    private static int distant(byte[] bytes, int from, int to) {
        int sign = to - 1;
        while (sign > from && Ascii.isDigit(bytes[sign])) {
            sign--;
        }
        boolean isSigned = sign > from && sign < to - 1 && (bytes[sign] == '-' || bytes[sign] == '+');
        int level = isSigned ? ofName(bytes, from, sign) : UNKNOWN;
        return level == UNKNOWN ? UNKNOWN : level | FINER;
    }

    private static int ofName(byte[] bytes, int from, int to) {
        Integer plain = PLAIN.find(bytes, from, to);
        Integer other = plain == null ? OTHER.find(bytes, from, to) : null;
        return plain != null ? plain : other != null ? other + FINER : UNKNOWN;
    }

    private static boolean isAround(byte b) {
        return b == ' ' || b == '[' || b == ']' || b == '<' || b == '>' || b == '(' || b == ')' || b == ':';
    }

    /**
     * The severity that one of the usual words of syslog and loggers means, or {@code UNKNOWN}; no number, no letter.
     */
    public static int ofWord(byte[] bytes, int from, int to) {
        Integer plain = PLAIN.find(bytes, from, to);
        Integer other = plain == null ? WORDS.find(bytes, from, to) : null;
        return plain != null ? plain : other != null ? other : UNKNOWN;
    }

    /** The number in {@code bytes[from, to)} if it is one up to {@code max}, or {@code UNKNOWN}. */
    static int number(byte[] bytes, int from, int to, int max) {
        if (from == to || to - from > NUMBER_DIGITS_MAX) {
            return UNKNOWN;
        }
        if (Ascii.digitsEnd(bytes, from, to) < to) {
            return UNKNOWN;
        }
        int number = Ascii.number(bytes, from, to);
        return number <= max ? number : UNKNOWN;
    }
}
