package dev.sluice.store;

/**
 * How long a full batch stood ready while no lane was free: the sign that the database limits the throughput. That
 * lanes are busy says nothing, because a free lane takes whatever there is. Changed by one thread at a time, read by
 * anybody.
 */
final class Saturation {

    private record Spell(boolean on, long nanos) {}

    private volatile Spell spell = new Spell(false, 0);

    void is(boolean on) {
        Spell before = spell;
        if (before.on != on) {
            long now = System.nanoTime();
            spell = new Spell(on, on ? before.nanos - now : before.nanos + now);
        }
    }

    /** Nanoseconds since the start, a spell that lasts included. */
    long nanos() {
        Spell seen = spell;
        return seen.on ? System.nanoTime() + seen.nanos : seen.nanos;
    }
}
