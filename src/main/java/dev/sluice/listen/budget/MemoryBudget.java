package dev.sluice.listen.budget;

import dev.sluice.listen.report.SlowFrames;
import org.jspecify.annotations.Nullable;

/**
 * The one number that bounds memory: the bytes that were read and are not yet stored. It has two shares, so that what
 * waits for the rail can never take the room that the rail needs to work, which would be a deadlock: <em>reads</em>
 * (partial frames, reads under way, deliveries queued for the rail) and <em>rows</em> (from the hand-over to the rail
 * until the commit; the worst case of encoding until the true size is known).
 *
 * <p>Connections wait in two lines, in each of which sources take turns. In the first they wait for the rail, which
 * gives back what is queued. In the second they wait for other shippers, whose incomplete frames hold what
 * {@link ReadShare} lets them: nothing else would ever be given back, so the first in turn gets the <em>reserve</em>,
 * and reads on beyond the share until its frame is complete. One connection at a time has it, and it is one longest
 * frame large. A connection that is slow while others wait in this line is closed ({@link FramePace}).
 *
 * <p>So the read share holds its limit, what is read without a grant, and the reserve. Nobody waits for ever: what is
 * queued goes to the rail, whose rows have a share of their own; with nothing queued the first line is empty, since
 * what {@link ReadShare} has room for fits; and the one that has the reserve completes its frame, or is closed.
 *
 * <p>Called from event loops, workers and lanes; every method is a few instructions under one lock. A waiter is called
 * outside of the lock.
 */
public final class MemoryBudget {

    /** What a connection may read without a grant: its first bytes after a pause, or when it closes while paused. */
    public static final int UNRESERVED_READ_BYTES = 512;

    /** A connection that waits to read. */
    public interface Waiter {
        ReadSource source();

        /** What it holds of an incomplete frame while it waits. */
        int heldBytes();

        /** Since when it waits. */
        long sinceNanos();

        /** {@code bytes} are reserved for it now; called once, on any thread. */
        void granted(int bytes);
    }

    private final long rowLimit;
    private final SlowFrames slowFrames = new SlowFrames(System::nanoTime);

    private final ReadLines lines;
    private long rows;

    /** How often the rail took something. */
    private long moves;

    private volatile boolean crowded;

    /** A budget of {@code bytes}: a quarter for reads, the rest for rows. */
    public MemoryBudget(long bytes) {
        lines = new ReadLines(new ReadShare(bytes / 4));
        rowLimit = bytes - lines.reads().limit();
    }

    /** Bytes read and not yet stored. */
    public synchronized long inFlight() {
        return lines.incompleteBytes() + lines.queued() + rows;
    }

    /** The most that {@link #inFlight} may be, but for the unreserved reads. */
    public long limit() {
        return lines.reads().limit() + rowLimit;
    }

    /** The share of rows; a frame batch that may become more is alone in it. */
    public long rowLimit() {
        return rowLimit;
    }

    /** Bytes of incomplete frames, and of reads under way. */
    public synchronized long incompleteBytes() {
        return lines.incompleteBytes();
    }

    /** Whether connections wait because incomplete frames of others hold the memory. */
    public boolean isCrowded() {
        return crowded;
    }

    /** For how long the connection has waited that waits longest. */
    public synchronized long longestWaitNanos(long now) {
        return now - lines.since(now);
    }

    public SlowFrames slowFrames() {
        return slowFrames;
    }

    /** A connection of {@code source} came; it is to {@link #leave} once. */
    public synchronized ReadSource join(String source) {
        return lines.reads().join(source);
    }

    /** A connection is gone. */
    synchronized void leave(ReadSource source) {
        lines.reads().leave(source);
    }

    /**
     * Reserves bytes for a read that is about to happen; 0 when others wait or nothing is left.
     *
     * @param own what the connection holds already
     */
    synchronized int reserve(ReadSource source, int own) {
        return lines.reserve(source, own);
    }

    /** Counts bytes that were read, or are about to be, beyond what is granted; see {@link #UNRESERVED_READ_BYTES}. */
    synchronized void takeUnreserved(ReadSource source, int bytes, boolean isReserve) {
        lines.hold(source, bytes, isReserve);
    }

    /** Puts a connection in line. */
    public void await(Waiter waiter) {
        synchronized (this) {
            lines.add(waiter);
        }
        serve();
    }

    /** Takes a connection out of the line, because it closed. */
    public void forget(Waiter waiter) {
        synchronized (this) {
            lines.remove(waiter);
            lines.leaveReserve(waiter);
        }
        serve();
    }

    /** Whether {@code waiter} may read beyond the share until its frame is complete. */
    public synchronized boolean hasReserve(Waiter waiter) {
        return lines.hasReserve(waiter);
    }

    /** Whether the one that has the reserve has read nothing with it. */
    public synchronized boolean isReserveUnused() {
        return lines.isReserveUnused();
    }

    /** The one that had the reserve has its frame, or nothing to read; what it holds is the share's from here on. */
    public void leaveReserve(Waiter waiter) {
        synchronized (this) {
            if (!lines.leaveReserve(waiter)) {
                return;
            }
        }
        serve();
    }

    /** Whether a read of {@code source} now would have to stand in line for the rail. */
    synchronized boolean isSpent(ReadSource source) {
        return lines.isSpent(source);
    }

    /**
     * Whether a connection that holds {@code own} has to stand in line before it reads. Not because of incomplete
     * frames alone: what is read without a grant lets short ones pass, and shows who sends nothing.
     *
     * @param isUnpacking whether the read takes what is there already
     */
    synchronized boolean mustWait(ReadSource source, int own, boolean isUnpacking) {
        return lines.reads().room(source, own) > 0 ? lines.isSpent(source) : isUnpacking;
    }

    /** Whether an incomplete frame of {@code bytes} is one of those that others wait for. */
    public synchronized boolean isLarge(int bytes) {
        return lines.reads().isLarge(bytes);
    }

    /** How often the rail took something, or -1 while nothing waits for it. */
    public synchronized long moves() {
        return lines.queued() == 0 ? -1 : moves;
    }

    /** Gives back bytes that a connection held. */
    public void release(ReadSource source, long bytes, boolean isReserve) {
        if (bytes == 0) {
            return;
        }
        synchronized (this) {
            lines.hold(source, -bytes, isReserve);
        }
        serve();
    }

    /** A connection came into the midst of a frame, or out of it. */
    synchronized void inside(boolean isInside) {
        lines.reads().inside(isInside ? 1 : -1);
    }

    /** Bytes that a connection held are now part of a delivery that waits for the rail. */
    synchronized void queue(ReadSource source, long bytes, boolean isReserve) {
        lines.queue(source, bytes, isReserve);
    }

    /**
     * Moves a frame batch from the read share to the row share, if that has room for what encoding may need.
     *
     * @param bySource then takes its bytes from what is queued of each {@link ReadSource}
     * @return whether it had; always when the row share is empty, so that the way never stands still
     */
    public boolean takeForRail(long frameBatchBytes, long rowBytesMax, Runnable bySource) {
        synchronized (this) {
            if (rows > 0 && rows + rowBytesMax > rowLimit) {
                return false;
            }
            lines.unqueue(frameBatchBytes);
            bySource.run();
            rows += rowBytesMax;
            moves++;
        }
        serve();
        return true;
    }

    /** Takes row bytes for what does not come from shippers, if they are free; {@link #releaseRows} gives them back. */
    public synchronized boolean reserveRows(long bytes) {
        if (rows + bytes > rowLimit) {
            return false;
        }
        rows += bytes;
        return true;
    }

    /** Gives back row bytes: the worst case that did not happen, or what was stored. */
    public synchronized void releaseRows(long bytes) {
        rows -= bytes;
    }

    private void serve() {
        for (ReadLines.Grant next = next(); next != null; next = next()) {
            next.waiter().granted(next.bytes());
        }
    }

    private synchronized ReadLines.@Nullable Grant next() {
        ReadLines.Grant next = lines.next();
        crowded = lines.isCrowded();
        return next;
    }
}
