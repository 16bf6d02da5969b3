package dev.sluice.store.failure;

import dev.sluice.store.database.Reason;
import io.r2dbc.postgresql.api.ErrorDetails;
import io.r2dbc.postgresql.api.PostgresqlException;
import io.r2dbc.spi.R2dbcException;
import java.io.IOException;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import reactor.core.Exceptions;

/**
 * What to do about a failed transaction. {@link #of(Throwable, TransactionPhase)} is the one place that decides it, and
 * it asks first how far the transaction was: a trigger may give any SQLSTATE to the refusal of a row, so the code alone
 * does not tell a bad row from a bad database.
 */
public sealed interface WriteFailure {

    /** Those of PL/pgSQL's RAISE and of PL/Python's plpy.error and plpy.Error. */
    Set<String> RAISING_ROUTINES = Set.of("exec_stmt_raise", "PLy_output", "PLy_elog_impl");

    /** What happened. */
    Cause cause();

    /** The bounded name in metrics. */
    String label();

    /** One line for the operator. */
    default String message() {
        return cause().message();
    }

    /**
     * What happened.
     *
     * @param message one line for the operator
     * @param sqlState empty where there is none
     * @param answered whether a server that is up said it, so that waiting for the server is not the answer
     */
    record Cause(String message, String sqlState, boolean answered) {

        /** One that no server told. */
        public static Cause of(String message) {
            return new Cause(message, "", false);
        }

        /** The same with words before it, by a server that is up. */
        public Cause said(String words) {
            return new Cause(words + message, sqlState, true);
        }

        /** The same with words before it. */
        Cause after(String words) {
            return new Cause(words + message, sqlState, answered);
        }
    }

    /** The ledger has the batch already: an earlier attempt was committed although its reply was lost. */
    record Committed(Cause cause) implements WriteFailure {
        @Override
        public String label() {
            return "committed";
        }

        /** What it is when no earlier attempt came as far as its COMMIT. */
        public WriteFailure byAnother(UUID id) {
            return new TakenId(cause.after("The ledger has " + id + ", the id of a batch that this process never"
                    + " committed: is a copy of its virtual machine running? The batch goes on under another id: "));
        }
    }

    /** Somebody else has committed a batch under the same id: take another one. */
    record TakenId(Cause cause) implements WriteFailure {
        @Override
        public String label() {
            return "taken_id";
        }
    }

    /** The connection or its server is gone, or cannot write: connect again. */
    record Reconnect(Cause cause) implements WriteFailure {
        @Override
        public String label() {
            return "reconnect";
        }
    }

    /** The server is well but could not do it now: deadlock, serialization, locks, resources. */
    record Retry(Cause cause) implements WriteFailure {
        @Override
        public String label() {
            return "retry";
        }
    }

    /** No partition takes the rows: have it made. The rows are good. */
    record MissingPartition(Cause cause) implements WriteFailure {
        @Override
        public String label() {
            return "missing_partition";
        }
    }

    /**
     * The server refused what was sent, for whatever reason: find the row.
     *
     * @param mayPass whether the code is not one of bad data, so that it has to come back before a row is blamed
     */
    record BadData(Cause cause, boolean mayPass) implements WriteFailure {
        @Override
        public String label() {
            return "bad_data";
        }

        /** What it is when no row is to blame after all. */
        public WriteFailure withoutRows() {
            return ofState(cause);
        }

        /** What it is when the table takes no row at all. */
        public WriteFailure ofEveryRow() {
            return ofState(cause.after("log_event takes no row at all: "));
        }
    }

    /** Only an operator can repair it: a missing table, a permission, a password. */
    record Halt(Cause cause) implements WriteFailure {
        @Override
        public String label() {
            return "halted";
        }
    }

    /** Nobody foresaw it: try again, because losing rows is worse. */
    record Unknown(Cause cause) implements WriteFailure {
        @Override
        public String label() {
            return "unknown";
        }
    }

    /**
     * Classifies any error of a transaction; fatal ones of the virtual machine are rethrown.
     *
     * @param phase how far the transaction was, null when it had not begun
     */
    public static WriteFailure of(Throwable error, @Nullable TransactionPhase phase) {
        WriteFailure withoutRows = of(error);
        ErrorDetails answer = details(error);
        if (phase == null || phase == TransactionPhase.BEGIN || answer == null) {
            return withoutRows;
        }
        Cause cause = withoutRows.cause();
        if (hasEndedTheSession(answer) && (phase == TransactionPhase.COMMIT || !cause.answered())) {
            return withoutRows;
        }
        if (isOfTheServer(answer, cause)) {
            return withoutRows;
        }
        if (WorkerAnswer.isOfTheServer(answer)) {
            return new Retry(cause);
        }
        return isOfMissingPartition(answer, cause) || WorkerAnswer.isOfMissingPartition(answer)
                ? new MissingPartition(cause)
                : new BadData(cause, !isOfData(cause.sqlState()));
    }

    /** Whether the server answered that nothing of the transaction will be committed. */
    static boolean isRefusal(Throwable error) {
        ErrorDetails answer = details(error);
        return answer != null && !hasEndedTheSession(answer);
    }

    /** Classifies an error for which no row can be blamed, because none was sent. */
    public static WriteFailure of(Throwable error) {
        Exceptions.throwIfJvmFatal(error);
        if (error instanceof TableRefusesException table) {
            return table.refusal();
        }
        if (error instanceof CommittedBeforeException) {
            return new Committed(new Cause(Reason.of(error), "", true));
        }
        if (error instanceof LedgerException || error instanceof NoPlaceException) {
            return new Halt(new Cause(Reason.of(error), "", true));
        }
        for (Throwable cause = error; cause != null; cause = cause.getCause()) {
            if (cause instanceof R2dbcException database && database.getSqlState() != null) {
                return ofState(cause(database.getSqlState(), database));
            }
            if (cause instanceof IOException || cause instanceof TimeoutException) {
                return new Reconnect(Cause.of(Reason.of(cause)));
            }
        }
        return new Unknown(Cause.of(Reason.of(error)));
    }

    /** Why missing partitions could not be made. */
    static WriteFailure ofPartitions(Throwable error) {
        WriteFailure failure = of(error);
        Cause cause = failure.cause().after("Missing partitions could not be made: ");
        return failure instanceof Halt ? new Halt(cause) : new MissingPartition(cause);
    }

    private static WriteFailure ofState(Cause cause) {
        String state = cause.sqlState();
        if (isOfTheSession(state) || state.equals("25006")) {
            return new Reconnect(cause);
        }
        if (isOfData(state)) {
            return new Halt(cause);
        }
        return switch (classOf(state)) {
            case "08" -> new Reconnect(cause);
            case "40", "53", "55", "57", "58" -> new Retry(cause);
            case "0A", "28", "3D", "3F", "42" -> new Halt(cause);
            default -> isOfDamage(state) ? new Retry(cause) : new Unknown(cause);
        };
    }

    /**
     * 25P03 and 25P04 end what stood still for too long within a transaction, which was Sluice's process, or its way.
     */
    private static boolean isOfTheSession(String state) {
        return state.startsWith("57P0") || state.equals("25P03") || state.equals("25P04");
    }

    /** 54 is a value beyond a limit, such as that of an index; P0 is what a trigger raises, 44 a view. */
    private static boolean isOfData(String state) {
        return switch (classOf(state)) {
            case "22", "23", "44", "54", "P0" -> true;
            default -> false;
        };
    }

    /** Of a page or an index that cannot be read; XX000 is what a function of an extension says of its arguments. */
    private static boolean isOfDamage(String state) {
        return state.equals("XX001") || state.equals("XX002");
    }

    /**
     * Whether the server speaks of itself: of its disk, its memory, its files, damaged pages, a lock, a deadlock, or
     * somebody who ended a statement. No row is to blame for that, however often it comes back with the same one. When
     * a program in the database chose the code, the routine is the one that raises errors for it.
     */
    private static boolean isOfTheServer(ErrorDetails answer, Cause cause) {
        String routine = answer.getRoutine().orElse("");
        boolean isChosen = RAISING_ROUTINES.contains(routine);
        return switch (classOf(cause.sqlState())) {
            case "53", "58" -> !isChosen;
            case "08" -> !isChosen && !cause.sqlState().equals("08P01"); // a worker's, or that of a foreign table
            case "40", "57" -> !isChosen && !isOfAnotherServer(routine);
            case "55" -> cause.sqlState().equals("55P03") && !isChosen && !isOfAnotherServer(routine);
            case "XX" -> isOfDamage(cause.sqlState()) && !isChosen;
            default -> false;
        };
    }

    /** What a foreign table or dblink passes on; a trigger over there may have chosen it. */
    private static boolean isOfAnotherServer(String routine) {
        return routine.startsWith("pgfdw_report") || routine.equals("dblink_res_error");
    }

    private static String classOf(String state) {
        return state.substring(0, Math.min(2, state.length()));
    }

    /** A server that starts, stops or has crashed says so and is as good as absent. */
    private static Cause cause(String state, R2dbcException error) {
        ErrorDetails answer = null;
        for (Throwable next = error; next != null && answer == null; next = next.getCause()) {
            answer = details(next);
        }
        boolean answered = answer != null && !(hasEndedTheSession(answer) && isOfTheSession(state));
        return new Cause(Reason.of(error) + " [" + state + "]", state, answered);
    }

    /** The severity, and not the code: a trigger may raise an error with any code, but it stays an error. */
    private static boolean hasEndedTheSession(ErrorDetails answer) {
        String severity = answer.getSeverityNonLocalized();
        return "FATAL".equals(severity) || "PANIC".equals(severity);
    }

    /** What the server said; nothing of errors that the driver makes itself, which have a code but no severity. */
    private static @Nullable ErrorDetails details(Throwable error) {
        ErrorDetails details = error instanceof PostgresqlException postgres ? postgres.getErrorDetails() : null;
        return details == null || details.getSeverityNonLocalized() == null ? null : details;
    }

    /** PostgreSQL has no code for it but that of a check; a trigger may use the code, but not the routine. */
    private static boolean isOfMissingPartition(ErrorDetails answer, Cause cause) {
        return cause.sqlState().equals("23514")
                && answer.getTableName().filter("log_event"::equals).isPresent()
                && answer.getRoutine().filter("ExecFindPartition"::equals).isPresent();
    }
}
