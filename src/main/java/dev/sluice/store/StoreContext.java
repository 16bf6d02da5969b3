package dev.sluice.store;

import java.util.function.LongSupplier;

/**
 * What all lanes share.
 *
 * @param nanos a time that no clock of the day moves
 * @param commits what was committed lately
 * @param partitions makes the partitions that are missing
 */
record StoreContext(
        BatchIds ids, StoreObserver observer, LongSupplier nanos, LastCommits commits, Partitions partitions) {

    static StoreContext of(StoreSettings settings, StoreObserver observer, LongSupplier nanos, Partitions partitions) {
        LastCommits commits = new LastCommits(settings.ledgerAge(), nanos);
        return new StoreContext(new BatchIds(), observer, nanos, commits, partitions);
    }
}
