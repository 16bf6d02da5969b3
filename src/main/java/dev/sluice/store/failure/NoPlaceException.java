package dev.sluice.store.failure;

/** No partition takes some rows, and Sluice is not to make one. */
public final class NoPlaceException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** With what is to be done about it. */
    public NoPlaceException(String message) {
        super(message, null, false, false);
    }
}
