package dev.sluice.store.failure;

/** So many rows were refused in a row that the table has to be asked before more of them are blamed. */
public final class TableRefusesException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final transient WriteFailure.BadData refusal;

    public TableRefusesException(WriteFailure.BadData refusal) {
        super(refusal.message(), null, false, false);
        this.refusal = refusal;
    }

    WriteFailure.BadData refusal() {
        return refusal;
    }
}
