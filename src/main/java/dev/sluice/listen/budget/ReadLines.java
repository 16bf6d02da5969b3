package dev.sluice.listen.budget;

import org.jspecify.annotations.Nullable;

/**
 * The read share in use, and who waits for it: one line waits for the rail, the other for the frames of others. Guarded
 * by the lock of the {@link MemoryBudget}.
 */
final class ReadLines {

    /** {@code bytes} are reserved for {@code waiter} now. */
    record Grant(MemoryBudget.Waiter waiter, int bytes) {}

    private final ReadShare reads;
    private final FairQueue forRail = new FairQueue();
    private final FairQueue forFrames = new FairQueue();

    /** What waits for the rail. */
    private long queued;

    private boolean turnOfFrames;
    private MemoryBudget.@Nullable Waiter reserved;

    /** What the one that has the reserve holds of it; no part of what the share holds. */
    private long reserveBytes;

    ReadLines(ReadShare reads) {
        this.reads = reads;
    }

    ReadShare reads() {
        return reads;
    }

    long queued() {
        return queued;
    }

    long incompleteBytes() {
        return reads.held() + reserveBytes;
    }

    /** When the one that waits longest began to, or {@code now}. */
    long since(long now) {
        return Math.min(forRail.since(now), forFrames.since(now));
    }

    void add(MemoryBudget.Waiter waiter) {
        (isForRail(waiter) ? forRail : forFrames).add(waiter);
    }

    void remove(MemoryBudget.Waiter waiter) {
        forRail.remove(waiter);
        forFrames.remove(waiter);
    }

    int reserve(ReadSource source, int own) {
        if (isShort(source)) {
            return 0;
        }
        int granted = (int) Math.min(reads.room(source, own), left(source));
        if (granted <= MemoryBudget.UNRESERVED_READ_BYTES) {
            return 0;
        }
        reads.hold(source, granted);
        return granted;
    }

    /** What the reserve does not hold, the share does. */
    void hold(ReadSource source, long bytes, boolean isReserve) {
        long ofReserve = isReserve ? Math.max(bytes, -reserveBytes) : 0;
        reserveBytes += ofReserve;
        reads.hold(source, bytes - ofReserve);
    }

    void queue(ReadSource source, long bytes, boolean isReserve) {
        hold(source, -bytes, isReserve);
        queued += bytes;
        source.queue(bytes);
    }

    void unqueue(long bytes) {
        queued -= bytes;
    }

    boolean hasReserve(MemoryBudget.Waiter waiter) {
        return waiter.equals(reserved);
    }

    boolean isReserveUnused() {
        return reserveBytes == 0;
    }

    /** What it holds of the reserve is the share's from here on; returns whether it had it. */
    boolean leaveReserve(MemoryBudget.Waiter waiter) {
        if (!hasReserve(waiter)) {
            return false;
        }
        reserved = null;
        reads.hold(waiter.source(), reserveBytes);
        reserveBytes = 0;
        return true;
    }

    /** Whether a connection that has room would have to wait for the rail. */
    boolean isSpent(ReadSource source) {
        return isShort(source) || left(source) <= MemoryBudget.UNRESERVED_READ_BYTES;
    }

    /** What of the read share is not in use. */
    private long left() {
        return reads.limit() - reads.held() - queued;
    }

    /** What of it a source may use. */
    private long left(ReadSource source) {
        return left() - reads.leftToOthers(source);
    }

    /** Whether others wait for the rail, who would be overtaken. */
    private boolean isShort(ReadSource source) {
        return forRail.anyBefore(source, reads) || (!forFrames.isEmpty() && left() < ReadAllowance.READ_BYTES);
    }

    /** The lines take turns, too: each would keep the other waiting for ever. */
    @Nullable
    Grant next() {
        if (forRail.isEmpty() && forFrames.isEmpty()) {
            return null;
        }
        turnOfFrames = !turnOfFrames;
        Grant next = turnOfFrames ? nextForFrames() : nextForRail();
        if (next == null) {
            next = turnOfFrames ? nextForRail() : nextForFrames();
        }
        return next;
    }

    /** Whether connections wait because incomplete frames of others hold the memory. */
    boolean isCrowded() {
        return isBlocked(forRail.peek()) || isBlocked(forFrames.peek());
    }

    private boolean isBlocked(MemoryBudget.@Nullable Waiter waiter) {
        return waiter != null && room(waiter) == 0;
    }

    private int room(MemoryBudget.Waiter waiter) {
        return reads.room(waiter.source(), waiter.heldBytes());
    }

    /** A connection that holds next to nothing does not wait for those that hold much. */
    private boolean isForRail(MemoryBudget.Waiter waiter) {
        return waiter.heldBytes() < ReadShare.SCARCE_BYTES_MAX || room(waiter) > 0;
    }

    private @Nullable Grant nextForRail() {
        MemoryBudget.Waiter waiter = forRail.peek(reads, left());
        while (waiter != null && !isForRail(waiter)) {
            forRail.served(waiter);
            forFrames.add(waiter);
            waiter = forRail.peek(reads, left());
        }
        return waiter == null ? null : grant(forRail, waiter);
    }

    private @Nullable Grant nextForFrames() {
        MemoryBudget.Waiter waiter = forFrames.firstWithRoom(reads, left());
        MemoryBudget.Waiter next = waiter == null ? forFrames.peek() : waiter;
        return next == null ? null : grant(forFrames, next);
    }

    private @Nullable Grant grant(FairQueue line, MemoryBudget.Waiter waiter) {
        int room = room(waiter);
        if (room == 0) {
            return grantReserve(line, waiter);
        }
        if (left(waiter.source()) < room) {
            return null;
        }
        line.served(waiter);
        reads.hold(waiter.source(), room);
        return new Grant(waiter, room);
    }

    /** What it brought before has to leave first. */
    private @Nullable Grant grantReserve(FairQueue line, MemoryBudget.Waiter waiter) {
        if (reserved != null || (queued > 0 && left() < 0)) {
            return null;
        }
        line.served(waiter);
        reserved = waiter;
        reserveBytes = reserveRead(waiter.heldBytes());
        return new Grant(waiter, Math.toIntExact(reserveBytes));
    }

    /**
     * What one read of the reserve takes: of the frame that follows no more than was held before, so that one that had
     * it never leaves with more than it came with.
     */
    static int reserveRead(int own) {
        return Math.clamp(own, MemoryBudget.UNRESERVED_READ_BYTES, ReadAllowance.READ_BYTES);
    }
}
