package dev.sluice.listen;

/**
 * What a new connection passes before it may send: one decision about it, or one thing to learn of it. Gates are shared
 * by all connections of a listener; what one of them needs for a single connection is a handler that it puts in front.
 */
interface Gate {

    /** Calls {@link Arrival#pass}, now or later, or {@link Arrival#refuse}. On the connection's event loop. */
    void meet(Arrival arrival);
}
