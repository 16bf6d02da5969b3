package dev.sluice.listen;

/**
 * What the connections of one listener share.
 *
 * @param name the listener's name in the configuration
 * @param strays says that something else than shippers comes
 * @param times how long one of them may do nothing, and live
 */
record ListenerContext(
        String name,
        Framing framing,
        MemoryBudget budget,
        Intake intake,
        ListenObserver observer,
        StrayClients strays,
        Limits.Times times) {}
