package dev.sluice.store;

import io.r2dbc.postgresql.api.ErrorDetails;
import io.r2dbc.postgresql.api.PostgresqlException;
import io.r2dbc.spi.R2dbcException;
import java.io.IOException;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import reactor.core.Exceptions;

/** What to do about a failed transaction. {@link #of} is the one place that decides it. */
sealed interface WriteFailure {

    /** One line for the operator. */
    String message();

    /** The bounded name in metrics. */
    String label();

    /** The ledger has the batch already: an earlier attempt was committed although its reply was lost. */
    record Committed(String message) implements WriteFailure {
        @Override
        public String label() {
            return "committed";
        }
    }

    /** The connection or its server is gone, or cannot write: connect again. */
    record Reconnect(String message) implements WriteFailure {
        @Override
        public String label() {
            return "reconnect";
        }
    }

    /** The server is well but could not do it now: deadlock, serialization, locks, resources. */
    record Retry(String message) implements WriteFailure {
        @Override
        public String label() {
            return "retry";
        }
    }

    /** No partition takes the rows: have it made. The rows are good. */
    record MissingPartition(String message) implements WriteFailure {
        @Override
        public String label() {
            return "missing_partition";
        }
    }

    /** A row is refused: find it. */
    record BadData(String sqlState, String message) implements WriteFailure {
        @Override
        public String label() {
            return "bad_data";
        }
    }

    /** Only an operator can repair it: a missing table, a permission, a password. */
    record Halt(String message) implements WriteFailure {
        @Override
        public String label() {
            return "halted";
        }
    }

    /** Nobody foresaw it: try again, because losing rows is worse. */
    record Unknown(String message) implements WriteFailure {
        @Override
        public String label() {
            return "unknown";
        }
    }

    /** Classifies an error; rethrows what no program survives. */
    static WriteFailure of(Throwable error) {
        Exceptions.throwIfJvmFatal(error);
        if (error instanceof R2dbcException database) {
            String state = database.getSqlState();
            return ofState(state == null ? "" : state, details(database), describe(state, database));
        }
        if (error instanceof IOException || error instanceof TimeoutException) {
            return new Reconnect(describe(null, error));
        }
        return new Unknown(describe(null, error));
    }

    /** What to do when partitions that were missing could not be made. */
    static WriteFailure ofPartitions(Throwable error) {
        WriteFailure failure = of(error);
        String message = "Missing partitions could not be made: " + failure.message();
        return failure instanceof Halt ? new Halt(message) : new MissingPartition(message);
    }

    private static WriteFailure ofState(String state, @Nullable ErrorDetails details, String message) {
        return switch (state) {
            // Not only a row that breaks a constraint: PostgreSQL has no code of its own for these two.
            case "23505" -> is(details, "ingest_batch") ? new Committed(message) : new BadData(state, message);
            case "23514" ->
                details != null && details.getConstraintName().isEmpty()
                        ? new MissingPartition(message)
                        : new BadData(state, message);
            case "40001", "40P01", "55P03", "57014" -> new Retry(message);
            case "25006" -> new Reconnect(message);
            default -> ofClass(state, message);
        };
    }

    private static WriteFailure ofClass(String state, String message) {
        if (state.startsWith("57P0")) {
            return new Reconnect(message);
        }
        return switch (state.substring(0, Math.min(2, state.length()))) {
            case "08" -> new Reconnect(message);
            case "53" -> new Retry(message);
            // 54 is a value beyond a limit, such as that of an index; P0 is what a trigger raises, 44 a view.
            case "22", "23", "44", "54", "P0" -> new BadData(state, message);
            case "28", "3D", "3F", "42" -> new Halt(message);
            default -> new Unknown(message);
        };
    }

    private static @Nullable ErrorDetails details(R2dbcException error) {
        return error instanceof PostgresqlException postgres ? postgres.getErrorDetails() : null;
    }

    private static boolean is(@Nullable ErrorDetails details, String table) {
        return details != null && details.getTableName().filter(table::equals).isPresent();
    }

    private static String describe(@Nullable String state, Throwable error) {
        String text = Reason.of(error);
        return state == null ? text : text + " [" + state + "]";
    }
}
