package dev.sluice.listen.budget;

import dev.sluice.listen.netty.HungUpSocket;

/**
 * One connection's account in the {@link MemoryBudget}: what it holds (its incomplete frame and the read under way) and
 * what the next read may take. On the connection's event loop only.
 */
public final class ReadAllowance {

    /** The most that one read takes. */
    public static final int READ_BYTES = 64 * 1024;

    /** How much of one connection may wait for the rail. */
    public static final int AHEAD_BYTES = 2 * READ_BYTES;

    /** So often a connection may find out by a byte that there is more; then it stands in line without looking. */
    private static final int SINGLE_BYTES_MAX = 64;

    private final MemoryBudget budget;
    private final ReadSource source;
    private int held;
    private int reserved;

    /** Bytes of what is held that were read without a reservation. */
    private int unreserved;

    /** What one read of the reserve takes, while this connection has it. */
    private int reserveRead;

    private boolean isInside;
    private boolean isWanting;
    private boolean hungUp;

    /** What it asked for and did not get whole; it keeps what it got, for otherwise much would never be enough. */
    private int wanted;

    public ReadAllowance(MemoryBudget budget, ReadSource source) {
        this.budget = budget;
        this.source = source;
    }

    public ReadSource source() {
        return source;
    }

    /** What it holds. */
    public int heldBytes() {
        return held;
    }

    /**
     * How many bytes a read that is about to happen may take: what is reserved, else what the budget has, else a few.
     * When these are used up, one: it tells that there is something to stand in line for, and the rest waits in the
     * kernel.
     */
    public int nextRead() {
        if (reserved == 0) {
            reserve();
        }
        int few = MemoryBudget.UNRESERVED_READ_BYTES - SINGLE_BYTES_MAX - unreserved;
        isWanting = reserved == 0 && few <= 0;
        return reserved > 0 ? reserved : Math.max(1, few);
    }

    private void reserve() {
        if (reserveRead > 0) {
            takeUnreserved(reserveRead);
        } else {
            grant(budget.reserve(source, held), false);
        }
    }

    /** Whether the last read could take but a byte, so that there is something to stand in line for. */
    public boolean wasWanting() {
        boolean was = isWanting;
        isWanting = false;
        return was;
    }

    /**
     * The shipper closed its side while reads are paused, and Netty reads on until it sees the end. A few bytes are
     * allowed, so that an end with nothing in front of it is noticed; the rest stays in the kernel until its turn.
     */
    public int hangUpRead() {
        int bytes = hungUp ? 0 : MemoryBudget.UNRESERVED_READ_BYTES;
        hungUp = true;
        return bytes;
    }

    /** Whether the shipper closed its side while reads were paused; see {@link HungUpSocket}. */
    public boolean isHungUp() {
        return hungUp;
    }

    /** It was another event that came while reads were paused. */
    public void notHungUp() {
        hungUp = false;
    }

    /** Whether the next read has to stand in line; see {@link MemoryBudget#mustWait}. */
    public boolean mustWait(boolean isUnpacking) {
        return wanted > 0
                || unreserved >= MemoryBudget.UNRESERVED_READ_BYTES
                || budget.mustWait(source, held, isUnpacking);
    }

    /**
     * The budget reserved {@code bytes} for the next read.
     *
     * @param isReserve whether that is the reserve: until the frame is complete, reads go beyond the share
     */
    public void grant(int bytes, boolean isReserve) {
        reserved += bytes;
        held += bytes;
        if (isReserve) {
            reserveRead = bytes;
        } else if (bytes > 0) {
            unreserved = 0; // what was read before is within the share now
        }
    }

    public boolean hasReserve() {
        return reserveRead > 0;
    }

    /** It has the reserve no longer. */
    public void leaveReserve() {
        reserveRead = 0;
    }

    /** {@code bytes} came; returns whether nothing was reserved for them. */
    public boolean read(int bytes) {
        boolean isUnreserved = reserved == 0;
        if (isUnreserved) {
            unreserved += bytes;
            takeUnreserved(bytes);
        }
        return isUnreserved;
    }

    private void takeUnreserved(int bytes) {
        budget.takeUnreserved(source, bytes, reserveRead > 0);
        reserved += bytes;
        held += bytes;
    }

    /**
     * Whether it may hold {@code bytes} while it goes on with what was read; what it lacks is reserved, as far as there
     * is any. When it may not, its next turn stands in line. A quarter of a read is for what deliveries weigh beside
     * their bytes, or each read of short ones would stand in line twice.
     */
    public boolean mayHold(int bytes) {
        if (held + reserved / 4 < bytes) {
            reserve();
        }
        boolean granted = held + reserved / 4 >= bytes;
        wanted = granted ? 0 : bytes;
        return granted;
    }

    /** An answer of {@code bytes} waits for its commit, or for its shipper. */
    public void owe(int bytes) {
        budget.takeUnreserved(source, bytes, false);
    }

    /** Answers of {@code bytes} have left, or never will. */
    public void answered(int bytes) {
        budget.release(source, bytes, false);
    }

    /** Whether others wait for what this connection holds. */
    public boolean isWanted() {
        return budget.isCrowded() || budget.isSpent(source);
    }

    /** {@code bytes} of what is held wait for the rail now. */
    public void queue(int bytes) {
        budget.queue(source, bytes, reserveRead > 0);
        held -= bytes;
    }

    /** The read is over: all but {@code bytes} goes back, and what is wanted for going on. */
    public void settle(int bytes) {
        wanted = bytes == 0 ? 0 : wanted;
        reserved = 0;
        int kept = Math.max(bytes, Math.min(wanted, held));
        int grown = kept - held;
        held = kept;
        if (isInside != bytes > 0) {
            isInside = bytes > 0;
            budget.inside(isInside);
        }
        if (grown > 0) {
            unreserved += grown;
            budget.takeUnreserved(source, grown, reserveRead > 0);
        } else {
            budget.release(source, -grown, reserveRead > 0);
        }
        unreserved = Math.min(unreserved, bytes);
    }

    /** The connection is gone. */
    public void close() {
        settle(0);
        budget.leave(source);
    }
}
