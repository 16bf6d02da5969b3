package dev.sluice.listen;

/**
 * What the connections of one listener share.
 *
 * @param name the listener's name in the configuration
 */
record ListenerContext(String name, Framing framing, MemoryBudget budget, Intake intake, ListenObserver observer) {}
