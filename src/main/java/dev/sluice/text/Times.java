package dev.sluice.text;

import static dev.sluice.text.IsoTime.NO_TIME;

/** Times as loggers write them, whatever the notation. */
public final class Times {

    private Times() {}

    /**
     * Decodes a time that fills {@code bytes[from, to)}: ISO 8601 ({@link IsoTime}) or a number ({@link EpochTime}).
     *
     * @param zone where a time without an offset was written
     * @return microseconds since the epoch, or {@code NO_TIME}
     */
    public static long micros(byte[] bytes, int from, int to, LocalZone zone) {
        long micros = IsoTime.micros(bytes, from, to, zone);
        return micros == NO_TIME ? EpochTime.micros(bytes, from, to) : micros;
    }
}
