package dev.sluice.text;

import static dev.sluice.text.IsoTime.NO_TIME;

import org.jspecify.annotations.Nullable;

/** What {@link WrittenTime} has read of a time so far, and the time itself at its end. Reused. */
public final class TimeParts {

    static final int NO_YEAR = -1;
    /** The offset of a time that names none. */
    static final int LOCAL = Integer.MAX_VALUE;

    /** 1 to 12, or 0. */
    int month;
    /** The day of the month. */
    int day;

    int year = NO_YEAR;
    int secondOfDay;
    int fractionMicros;
    int offsetSeconds = LOCAL;
    /** Where it was written if its name is that of a place, or null. */
    @Nullable
    LocalZone place;

    private long micros = NO_TIME;

    /** The time that was decoded last, in microseconds since the epoch. */
    public long micros() {
        return micros;
    }

    /** Sets the time itself; whether it is one. */
    boolean set(long micros) {
        this.micros = micros;
        return micros != NO_TIME;
    }
}
