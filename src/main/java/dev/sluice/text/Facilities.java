package dev.sluice.text;

/** The facilities of syslog (RFC 5424 section 6.2.1) by name and number. */
public final class Facilities {

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

    private static final int FACILITY_MAX = 23;

    private Facilities() {}

    /** The facility with a name of RFC 3164, or {@link Levels#UNKNOWN}. */
    public static int of(byte[] bytes, int from, int to) {
        Integer facility = FACILITIES.find(bytes, from, to);
        return facility == null ? Levels.number(bytes, from, to, FACILITY_MAX) : facility;
    }

    /** The facility that a PRI means, or {@code UNKNOWN}. */
    public static int ofPri(byte[] bytes, int from, int to) {
        int number = Levels.number(bytes, from, to, LevelNumbers.PRI_MAX);
        return number < 0 ? number : number >> 3;
    }
}
