package dev.sluice.text;

/**
 * Names of time zones that have one meaning wide-spread in logs. Those with several (IST, BST of Bangladesh) are
 * absent.
 */
public final class ZoneNames {

    /** What is returned for a name that is not known. */
    public static final int UNKNOWN = Integer.MIN_VALUE;

    /** Minutes ahead of UTC. */
    private static final AsciiNameTable<Integer> MINUTES = AsciiNameTable.of(
            "utc", 0, "gmt", 0, "z", 0, "wet", 0, "west", 60, "bst", 60, "cet", 60, "mez", 60, "met", 60, "cest", 120,
            "cedt", 120, "mesz", 120, "mest", 120, "metdst", 120, "sast", 120, "cat", 120, "eet", 120, "eest", 180,
            "msk", 180, "eat", 180, "msd", 240, "gst", 240, "pkt", 300, "wib", 420, "sgt", 480, "hkt", 480, "awst", 480,
            "wita", 480, "wit", 540, "pht", 480, "jst", 540, "kst", 540, "acst", 570, "aest", 600, "acdt", 630, "aedt",
            660, "nzst", 720, "nzdt", 780, "nst", -210, "ndt", -150, "brt", -180, "art", -180, "adt", -180, "ast", -240,
            "clt", -240, "edt", -240, "clst", -180, "est", -300, "cdt", -300, "cot", -300, "pet", -300, "cst", -360,
            "mdt", -360, "mst", -420, "pdt", -420, "pst", -480, "akdt", -480, "akst", -540, "hst", -600);

    private ZoneNames() {}

    /**
     * Seconds ahead of UTC of the zone whose name fills {@code bytes[from, to)} in capitals, or {@link #UNKNOWN}: words
     * in other letters are hosts and text.
     */
    public static int offsetSeconds(byte[] bytes, int from, int to) {
        for (int i = from; i < to; i++) {
            if (bytes[i] < 'A' || bytes[i] > 'Z') {
                return UNKNOWN;
            }
        }
        Integer minutes = MINUTES.find(bytes, from, to);
        return minutes == null ? UNKNOWN : minutes * 60;
    }
}
