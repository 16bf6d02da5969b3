package dev.sluice.listen;

import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * The one number that bounds memory: the bytes that were read and are not yet stored. It has two shares, so that what
 * waits for the rail can never take the room that the rail needs to work, which would be a deadlock: <em>reads</em>
 * (partial frames, reads under way, deliveries queued for the rail) and <em>rows</em> (from the hand-over to the rail
 * until the commit; the worst case of encoding until the true size is known).
 *
 * <p>Connections that find the read share spent wait in order of arrival: whoever waits longest is served next. When
 * partial frames alone fill the read share nothing would ever be given back, so the longest-waiting connection then
 * gets the <em>lifeboat</em>: it may read on beyond the share until its frame is complete.
 *
 * <p>Called from event loops, workers and lanes; every method is a few instructions under one lock. A waiter is called
 * outside of the lock.
 */
public final class MemoryBudget {

    /** What a connection may read without a grant: its first bytes after a pause, or when it closes while paused. */
    public static final int OVERDRAFT_BYTES = 512;

    /** A connection that waits to read. */
    interface Waiter {
        /** {@code bytes} are reserved for it now; called once, on any thread. */
        void granted(int bytes);
    }

    private final long readLimit;
    private final long rowLimit;
    private final ArrayDeque<Waiter> waiters = new ArrayDeque<>();
    private long held;
    private long queued;
    private long rows;
    private @Nullable Waiter lifeboat;

    /** A budget of {@code bytes}: a quarter for reads, the rest for rows. */
    public MemoryBudget(long bytes) {
        readLimit = bytes / 4;
        rowLimit = bytes - readLimit;
    }

    /** Bytes read and not yet stored. */
    public synchronized long inFlight() {
        return held + queued + rows;
    }

    /** The most that {@link #inFlight} may be, but for the overdrafts. */
    public long limit() {
        return readLimit + rowLimit;
    }

    /** The share of rows; a parcel that may become more is alone in it. */
    public long rowLimit() {
        return rowLimit;
    }

    /** Reserves up to {@code bytes} for a read that is about to happen; 0 when others wait or nothing is left. */
    synchronized int reserve(int bytes) {
        if (!waiters.isEmpty()) {
            return 0;
        }
        int granted = (int) Math.min(bytes, readLimit - held - queued);
        if (granted <= OVERDRAFT_BYTES) {
            return 0;
        }
        held += granted;
        return granted;
    }

    /** Counts bytes that were read beyond the share; see {@link #OVERDRAFT_BYTES} and the lifeboat. */
    synchronized void overdraw(int bytes) {
        held += bytes;
    }

    /** Puts a connection in line for {@code ReadAllowance.READ_BYTES}. */
    void await(Waiter waiter) {
        synchronized (this) {
            waiters.add(waiter);
        }
        serve();
    }

    /** Takes a connection out of the line, because it closed. */
    void forget(Waiter waiter) {
        synchronized (this) {
            waiters.remove(waiter);
            if (waiter.equals(lifeboat)) {
                lifeboat = null;
            }
        }
        serve();
    }

    /** Whether {@code waiter} may read beyond the share until its frame is complete. */
    synchronized boolean hasLifeboat(Waiter waiter) {
        return waiter.equals(lifeboat);
    }

    /** The lifeboat's connection has its frame, or nothing to read; another may have it. */
    void leaveLifeboat(Waiter waiter) {
        synchronized (this) {
            if (!waiter.equals(lifeboat)) {
                return;
            }
            lifeboat = null;
        }
        serve();
    }

    /** Whether a read now would have to stand in line. */
    synchronized boolean isSpent() {
        return !waiters.isEmpty() || readLimit - held - queued <= OVERDRAFT_BYTES;
    }

    /** Gives back bytes that a connection held. */
    void release(long bytes) {
        if (bytes == 0) {
            return;
        }
        synchronized (this) {
            held -= bytes;
        }
        serve();
    }

    /** Bytes that a connection held are now part of a delivery that waits for the rail. */
    synchronized void queue(long bytes) {
        held -= bytes;
        queued += bytes;
    }

    /**
     * Moves a parcel from the read share to the row share, if that has room for what encoding may need.
     *
     * @return whether it had; always when the row share is empty, so that the way never stands still
     */
    boolean takeForRail(long parcelBytes, long rowBytesMax) {
        synchronized (this) {
            if (rows > 0 && rows + rowBytesMax > rowLimit) {
                return false;
            }
            queued -= parcelBytes;
            rows += rowBytesMax;
        }
        serve();
        return true;
    }

    /** Gives back row bytes: the worst case that did not happen, or what was stored. */
    synchronized void releaseRows(long bytes) {
        rows -= bytes;
    }

    private void serve() {
        for (Waiter next = takeWaiter(); next != null; next = takeWaiter()) {
            next.granted(ReadAllowance.READ_BYTES);
        }
    }

    private synchronized @Nullable Waiter takeWaiter() {
        if (waiters.isEmpty()) {
            return null;
        }
        if (readLimit - held - queued < ReadAllowance.READ_BYTES) {
            if (queued > 0 || lifeboat != null) {
                return null;
            }
            lifeboat = waiters.peek();
        }
        held += ReadAllowance.READ_BYTES;
        return waiters.poll();
    }
}
