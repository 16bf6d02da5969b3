package dev.sluice.store;

import dev.sluice.store.batch.Batch;

/** Rows of one batch that did not become events in the database, though the batch is stored. Reused by a lane. */
final class RowsNotKept {

    private int refused;
    private Suppressed suppressed = Suppressed.NONE;

    /** Another batch begins. */
    void clear() {
        refused = 0;
        suppressed = Suppressed.NONE;
    }

    /** So many rows became dead letters. */
    void refused(int rows) {
        refused += rows;
    }

    /** A transaction was committed, of which the database kept less than it took. */
    void suppressed(Suppressed more) {
        suppressed = suppressed.plus(more);
    }

    /** The batch is stored. */
    void report(Batch batch, LaneStatus status, StoreObserver observer) {
        if (!suppressed.equals(Suppressed.NONE)) {
            status.suppressed(suppressed);
            observer.rowsSuppressed(suppressed.events(), suppressed.deadLetters());
        }
        observer.batchStored(batch, refused + suppressed.events());
    }
}
