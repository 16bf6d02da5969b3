package dev.sluice.store.database;

/**
 * Which history a server writes. It counts up by one with each promotion of a standby, so that of two servers that both
 * take writes the one with the lower number has been passed over.
 *
 * @param system tells the clusters of the world apart: numbers of two of them say nothing about each other
 * @param number from 1; 0 when the server does not tell
 */
public record Timeline(long system, int number) {

    /** Not every server tells, nor to everybody. */
    static final Timeline UNKNOWN = new Timeline(0, 0);

    private static final int TIMELINE_DIGITS = 8;
    private static final int HEXADECIMAL = 16;

    /** The name of a file of the write-ahead log begins with the timeline, in hexadecimal. */
    static Timeline ofWalFile(long system, String name) {
        return new Timeline(system, Integer.parseInt(name.substring(0, TIMELINE_DIGITS), HEXADECIMAL));
    }

    boolean isOlderThan(Timeline other) {
        return system == other.system && number > 0 && number < other.number;
    }

    @Override
    public String toString() {
        return number == 0 ? "of unknown timeline" : "of timeline " + number;
    }
}
