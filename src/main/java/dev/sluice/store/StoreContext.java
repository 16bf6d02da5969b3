package dev.sluice.store;

/**
 * What all lanes share.
 *
 * @param commits what was committed lately
 * @param partitions makes the partitions that are missing
 */
record StoreContext(BatchIds ids, StoreObserver observer, LastCommits commits, Partitions partitions) {}
