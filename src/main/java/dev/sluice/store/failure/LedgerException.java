package dev.sluice.store.failure;

/**
 * The ledger did not keep a row that it took, so a retry could not be told from a new batch: nothing may be written.
 */
public final class LedgerException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public LedgerException(String table) {
        super("The ledger does not keep what is written to it: does a trigger drop rows of " + table + "?");
    }
}
