package dev.sluice.text;

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
            2);

    private static final AsciiNameTable<Integer> FACILITIES = AsciiNameTable.of(
            "kern",
            0,
            "user",
            1,
            "mail",
            2,
            "daemon",
            3,
            "auth",
            4,
            "syslog",
            5,
            "lpr",
            6,
            "news",
            7,
            "uucp",
            8,
            "cron",
            9,
            "authpriv",
            10,
            "ftp",
            11,
            "local0",
            16,
            "local1",
            17,
            "local2",
            18,
            "local3",
            19,
            "local4",
            20,
            "local5",
            21,
            "local6",
            22,
            "local7",
            23);

    /** What is returned for text that names no severity or facility. */
    public static final int UNKNOWN = -1;

    /** Added to a severity whose text says more than the number. */
    public static final int FINER = 8;

    /** Whose numbers a level is written in. */
    public enum Scale {
        /** Syslog's 0 to 7, else that of bunyan and pino, Google or logback, which their numbers tell apart. */
        COMMON,
        /** That of Python's logging, whose numbers mean something else to bunyan. */
        PYTHON,
        /** 1 to 24. */
        OPEN_TELEMETRY
    }

    private static final int FACILITY_MAX = 23;
    private static final int NUMBER_MAX = 99_999;
    private static final int NUMBER_DIGITS_MAX = 5;

    private Levels() {}

    /** The severity that a name or a number means, {@link #FINER} added where it says more, or {@code UNKNOWN}. */
    public static int severity(byte[] bytes, int from, int to, Scale scale) {
        int number = number(bytes, from, to, NUMBER_MAX);
        if (number < 0) {
            Integer plain = PLAIN.find(bytes, from, to);
            Integer other = plain == null ? OTHER.find(bytes, from, to) : null;
            return plain != null ? plain : other != null ? other + FINER : UNKNOWN;
        }
        int severity =
                switch (scale) {
                    case COMMON -> common(number);
                    case PYTHON -> python(number);
                    case OPEN_TELEMETRY -> openTelemetry(number);
                };
        boolean plain = severity < 0 || (scale == Scale.COMMON && number < FINER);
        return plain ? severity : severity + FINER;
    }

    /** The facility with a name of RFC 3164, or {@code UNKNOWN}. */
    public static int facility(byte[] bytes, int from, int to) {
        Integer facility = FACILITIES.find(bytes, from, to);
        return facility == null ? number(bytes, from, to, FACILITY_MAX) : facility;
    }

    /** The number in {@code bytes[from, to)} if it is one up to {@code max}, or {@code UNKNOWN}. */
    private static int number(byte[] bytes, int from, int to, int max) {
        if (from == to || to - from > NUMBER_DIGITS_MAX) {
            return UNKNOWN;
        }
        int number = 0;
        for (int i = from; i < to; i++) {
            if (!Ascii.isDigit(bytes[i])) {
                return UNKNOWN;
            }
            number = number * 10 + bytes[i] - '0';
        }
        return number <= max ? number : UNKNOWN;
    }

    private static int common(int number) {
        return switch (number) {
            case 0, 1, 2, 3, 4, 5, 6, 7 -> number;
            case 10, 20, 5000, 10_000, 100 -> 7;
            case 30, 20_000, 200 -> 6;
            case 300 -> 5;
            case 40, 30_000, 400 -> 4;
            case 50, 40_000, 500 -> 3;
            case 60, 600 -> 2;
            case 700 -> 1;
            case 800 -> 0;
            default -> UNKNOWN;
        };
    }

    private static int python(int number) {
        return switch (number) {
            case 10 -> 7;
            case 20 -> 6;
            case 30 -> 4;
            case 40 -> 3;
            case 50 -> 2;
            default -> UNKNOWN;
        };
    }

    private static int openTelemetry(int number) {
        if (number < 1 || number > 24) {
            return UNKNOWN;
        }
        return number <= 8 ? 7 : number <= 12 ? 6 : number <= 16 ? 4 : number <= 20 ? 3 : 2;
    }
}
