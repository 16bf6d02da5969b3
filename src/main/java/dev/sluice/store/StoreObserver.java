package dev.sluice.store;

import dev.sluice.event.RejectReason;
import dev.sluice.store.batch.Batch;
import dev.sluice.store.failure.TransactionPhase;
import dev.sluice.store.failure.WriteFailure;

/**
 * What the store reports, once a batch, a transaction or a failure, never once an event. Called on the lanes' event
 * loops: cheap and non-blocking.
 */
public interface StoreObserver {

    /** How the outcome of a COMMIT whose reply never came was found out. */
    enum Resolution {
        /** The ledger had the batch. */
        COMMITTED,
        /** The ledger did not have it, and it was written again. */
        RETRIED
    }

    /** An observer that does not look. */
    StoreObserver NONE = new StoreObserver() {};

    /** A part of a transaction ended, well or with an error. */
    default void phaseEnded(TransactionPhase phase, boolean succeeded, long nanos) {}

    /** A connection of a lane is open; its COMMITs wait for the disk unless {@code synchronous_commit} is off. */
    default void connected(boolean synchronousCommit) {}

    /**
     * A whole batch is stored: {@code batch.events() - notKept} rows of it as events.
     *
     * @param notKept rows of it that became dead letters because PostgreSQL refused them, or that were suppressed
     */
    default void batchStored(Batch batch, int notKept) {}

    /**
     * Rows were committed without an error, and the database kept nothing of them: a trigger swallowed them.
     *
     * @param events rows for {@code log_event}
     * @param deadLetters rows for {@code dead_letter}
     */
    default void rowsSuppressed(int events, int deadLetters) {}

    /** So many events that were committed and acknowledged are not in the database any more. */
    default void lostByDatabase(long events) {}

    /** A transaction will be tried again; the reason is the bounded {@link WriteFailure#label()}. */
    default void retried(String reason) {}

    /** An unknown outcome of a COMMIT was resolved. */
    default void commitResolved(Resolution resolution) {}

    /** Dead letters that the store itself made are committed. */
    default void deadLettersStored(RejectReason reason, int count) {}
}
