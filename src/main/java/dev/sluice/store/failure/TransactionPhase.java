package dev.sluice.store.failure;

/** The parts of a transaction. */
public enum TransactionPhase {
    /** Opening the transaction and entering the batch into the ledger: one round trip. */
    BEGIN,
    /** Sending the rows. */
    COPY,
    /** Making them durable. */
    COMMIT
}
