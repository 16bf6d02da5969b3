package dev.sluice.store.database;

import io.r2dbc.spi.R2dbcException;
import org.jspecify.annotations.Nullable;

/** No configured host takes writes now; the message names each one and its reason. */
public final class NoPrimaryException extends R2dbcException {

    private static final long serialVersionUID = 1L;

    NoPrimaryException(String message, @Nullable String sqlState, @Nullable Throwable cause) {
        super(message, sqlState, 0, cause);
    }

    /** A server has committed on a history that was given up. */
    static NoPrimaryException outdated(HostAddress host, Timeline committed, Timeline newest) {
        return new NoPrimaryException(
                host + " committed " + committed + ", and one " + newest + " was seen", HostChoice.NO_CONNECTION, null);
    }
}
