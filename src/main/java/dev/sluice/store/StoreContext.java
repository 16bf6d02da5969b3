package dev.sluice.store;

/**
 * What all lanes share.
 *
 * @param partitions makes the partitions that are missing
 */
record StoreContext(BatchIds ids, StoreObserver observer, Partitions partitions) {}
