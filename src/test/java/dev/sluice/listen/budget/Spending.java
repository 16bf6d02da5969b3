package dev.sluice.listen.budget;

/** Spends of a budget as a connection would, for tests that have none. */
public final class Spending {

    private Spending() {}

    /** A connection of {@code source} read {@code bytes}. */
    public static void read(MemoryBudget budget, ReadSource source, int bytes) {
        budget.takeUnreserved(source, bytes, false);
    }

    /** What it read waits for the rail. */
    public static void queue(MemoryBudget budget, ReadSource source, int bytes) {
        budget.queue(source, bytes, false);
    }
}
