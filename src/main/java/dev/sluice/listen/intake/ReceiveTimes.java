package dev.sluice.listen.intake;

import java.time.Instant;

/**
 * When the events of one connection were received, in microseconds: each later than the one before it, so that their
 * order can be read from the table.
 */
final class ReceiveTimes {

    /**
     * A large read may run ahead of the clock by milliseconds. More than this means that the clock was set back: the
     * order is given up then, because a connection may live for weeks and would keep the wrong time for so long.
     */
    private static final long AHEAD_MICROS_MAX = 1_000_000;

    private long next;

    /** The time of the first of {@code events} events that were read now; the others follow a microsecond apart. */
    long take(Instant now, int events) {
        long micros = now.getEpochSecond() * 1_000_000 + now.getNano() / 1000;
        long first = next - micros > AHEAD_MICROS_MAX ? micros : Math.max(micros, next);
        next = first + events;
        return first;
    }
}
