package dev.sluice.store;

import dev.sluice.store.batch.BatchIds;
import dev.sluice.store.batch.BatchLimits;
import dev.sluice.store.copy.KeptRow;
import dev.sluice.store.schema.Partitions;
import java.time.InstantSource;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;

/**
 * What all lanes share.
 *
 * @param limits how large a batch may be
 * @param nanos a time that no clock of the day moves
 * @param random from 0 to 1, so that waits of several differ
 * @param commits what was committed lately
 * @param kept a row that the table is known to take
 * @param partitions makes the partitions that are missing
 */
record StoreContext(
        BatchIds ids,
        BatchLimits limits,
        StoreObserver observer,
        LongSupplier nanos,
        DoubleSupplier random,
        LastCommits commits,
        KeptRow kept,
        Partitions partitions) {

    static StoreContext of(StoreSettings settings, StoreObserver observer, LongSupplier nanos, Partitions partitions) {
        LastCommits commits = new LastCommits(settings.ledgerAge(), nanos, InstantSource.system());
        return new StoreContext(
                new BatchIds(),
                new BatchLimits(settings.maxEvents(), settings.maxBytes()),
                observer,
                nanos,
                () -> ThreadLocalRandom.current().nextDouble(),
                commits,
                new KeptRow(),
                partitions);
    }
}
