package dev.sluice.listen;

/**
 * One connection's account in the {@link MemoryBudget}: what it holds (its incomplete frame and the read under way) and
 * what the next read may take. On the connection's event loop only.
 */
final class ReadAllowance {

    private final MemoryBudget budget;
    private int held;
    private int reserved;

    ReadAllowance(MemoryBudget budget) {
        this.budget = budget;
    }

    /**
     * How many bytes a read that is about to happen may take: what is reserved, else what the budget has, else a few.
     */
    int nextRead() {
        if (reserved == 0) {
            grant(budget.reserve(ShipperConnection.READ_BYTES));
        }
        return reserved == 0 ? MemoryBudget.OVERDRAFT_BYTES : reserved;
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

    /** {@code bytes} came; returns whether they came without a reservation. */
    boolean read(int bytes) {
        boolean overdraft = reserved == 0;
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
        int surplus = held - bytes;
        held = bytes;
        if (surplus < 0) {
            budget.overdraw(-surplus);
        } else {
            budget.release(surplus);
        }
    }
}
