package dev.sluice.listen;

/**
 * One connection's account in the {@link MemoryBudget}: what it holds (its incomplete frame and the read under way) and
 * what the next read may take. On the connection's event loop only.
 */
final class ReadAllowance {

    /** The most that one read takes. */
    static final int READ_BYTES = 64 * 1024;

    /** How much of one connection may wait for the rail. */
    static final int AHEAD_BYTES = 2 * READ_BYTES;

    private final MemoryBudget budget;
    private int held;
    private int reserved;

    /** An incomplete frame was read without a reservation; the next read needs one. */
    private boolean overdrawn;

    private boolean overdraft;
    private boolean hungUp;

    ReadAllowance(MemoryBudget budget) {
        this.budget = budget;
    }

    /**
     * How many bytes a read that is about to happen may take: what is reserved, else what the budget has, else a few.
     */
    int nextRead() {
        if (reserved == 0) {
            grant(budget.reserve(READ_BYTES));
        }
        return reserved == 0 ? MemoryBudget.OVERDRAFT_BYTES : reserved;
    }

    /**
     * The shipper closed its side while reads are paused, and Netty reads on until it sees the end. A few bytes are
     * allowed, so that an end with nothing in front of it is noticed; the rest stays in the kernel until its turn.
     */
    int hangUpRead() {
        int bytes = hungUp ? 0 : MemoryBudget.OVERDRAFT_BYTES;
        hungUp = true;
        return bytes;
    }

    /** Whether the shipper closed its side while reads were paused; see {@link HungUpSocket}. */
    boolean isHungUp() {
        return hungUp;
    }

    /** It was another event that came while reads were paused. */
    void notHungUp() {
        hungUp = false;
    }

    /** Whether the next read has to stand in line. */
    boolean mustWait() {
        return overdrawn || budget.isSpent();
    }

    /** Whether an incomplete frame was read without a reservation. */
    boolean isOverdrawn() {
        return overdrawn;
    }

    /** The budget reserved {@code bytes} for the next read. */
    void grant(int bytes) {
        reserved += bytes;
        held += bytes;
    }

    /** The next read goes beyond the budget: the lifeboat. */
    void overdraw(int bytes) {
        budget.overdraw(bytes);
        grant(bytes);
    }

    /** {@code bytes} came; returns whether nothing was reserved for them. */
    boolean read(int bytes) {
        overdraft = reserved == 0;
        if (overdraft) {
            overdraw(bytes);
        }
        return overdraft;
    }

    /** {@code bytes} of what is held wait for the rail now. */
    void queue(int bytes) {
        budget.queue(bytes);
        held -= bytes;
    }

    /** The read is over: all but {@code bytes} goes back. */
    void settle(int bytes) {
        reserved = 0;
        overdrawn = bytes > 0 && (overdraft || overdrawn);
        overdraft = false;
        int surplus = held - bytes;
        held = bytes;
        if (surplus < 0) {
            budget.overdraw(-surplus);
        } else {
            budget.release(surplus);
        }
    }
}
