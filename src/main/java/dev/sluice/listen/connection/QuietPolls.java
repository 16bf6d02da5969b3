package dev.sluice.listen.connection;

import java.util.concurrent.TimeUnit;

/**
 * Whether a shipper that was asked to go has nothing more to say. A quiet is made of so many polls in a row without a
 * read between. When the process stands still (its CPU is throttled, its machine swaps) they do not come: that quiet is
 * its own, and not the shipper's. So no more than one poll is made up for, however late it comes: on a busy machine a
 * turn of the event loop takes longer than the time between two polls, and reads come first in it.
 */
final class QuietPolls {

    /**
     * Sluice wants to end: a shipper that has something to say says it now. A segment that is lost three times in a row
     * is on its way for 1.4 s (Linux sends it again after 0.2, 0.4 and 0.8 s).
     */
    static final long DRAIN_QUIET_NANOS = TimeUnit.MILLISECONDS.toNanos(1500);

    /**
     * Sluice stays: a shipper that sends now and then, and only notices the half-close when it does, should not find
     * the connection closed. One that sends on for ever is read for ever: it has no acknowledgement, so a close loses
     * events.
     */
    static final long QUIET_NANOS = TimeUnit.SECONDS.toNanos(30);

    /**
     * A shipper that stopped in the midst of a frame, or of a record of TLS, has more to say: on a busy machine more
     * than half a second passed between two segments of a shipper that had long written both.
     */
    static final long INSIDE_FRAME_NANOS = TimeUnit.SECONDS.toNanos(5);

    /** What comes now is dropped, for the shipper sends it again elsewhere: so it has no reason to stay. */
    static final long DROPPING_NANOS = TimeUnit.SECONDS.toNanos(5);

    static final int POLLS = 6;

    private final Deadline next = new Deadline();
    private long everyNanos;
    private int quietPolls;
    private long readBeforePoll;

    /** Begins anew: however long it has been quiet, it had no chance yet to answer the half-close. */
    void begin(long quietNanos, long nowNanos) {
        quietPolls = 0;
        everyNanos = quietNanos / POLLS;
        next.set(everyNanos, nowNanos);
    }

    /** How long until the next poll. */
    long dueIn(long nowNanos) {
        return next.dueIn(nowNanos);
    }

    /**
     * Polls, if it is time; whether it has been quiet long enough.
     *
     * @param isFree whether it may send and nothing is due to it
     * @param lastReadNanos when it last read
     */
    boolean poll(long nowNanos, boolean isFree, long lastReadNanos, boolean isInsideFrame) {
        if (!next.isDue(nowNanos)) {
            return false;
        }
        next.set(everyNanos, nowNanos);
        quietPolls = isFree && lastReadNanos == readBeforePoll ? quietPolls + 1 : 0;
        readBeforePoll = lastReadNanos;
        return quietPolls >= (isInsideFrame ? Math.max(POLLS, INSIDE_FRAME_NANOS / everyNanos) : POLLS);
    }
}
