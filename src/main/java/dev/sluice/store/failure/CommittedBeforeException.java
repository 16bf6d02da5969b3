package dev.sluice.store.failure;

/** The ledger has the batch already. No error of the server's says so, and no name in it has to be known. */
public final class CommittedBeforeException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public CommittedBeforeException() {
        super("it is in ingest_batch already");
    }
}
