package dev.sluice.store.failure;

import io.r2dbc.postgresql.api.ErrorDetails;
import java.util.List;
import java.util.regex.Pattern;

/**
 * What Citus makes of a COPY that failed on a worker: it passes on the message and the detail alone, under XX000, so
 * that of code, routine and names of tables nothing is left. {@code ReportCopyError} of its
 * {@code commands/multi_copy.c}.
 */
final class WorkerAnswer {

    private static final Pattern NO_PARTITION =
            Pattern.compile("no partition of relation \"log_event(_\\d+)?\" found for row");

    /** How messages begin with which PostgreSQL speaks of itself and not of a row. */
    private static final List<String> OF_THE_SERVER = List.of(
            "could not extend file ",
            "could not write ",
            "out of memory",
            "terminating connection due to ",
            "the database system is ",
            "canceling statement due to ",
            "deadlock detected",
            "could not serialize access ",
            "remaining connection slots are reserved ",
            "sorry, too many clients already");

    private WorkerAnswer() {}

    private static boolean is(ErrorDetails answer) {
        return "XX000".equals(answer.getCode())
                && answer.getRoutine().filter("ReportCopyError"::equals).isPresent();
    }

    /** No partition took a row over there. */
    static boolean isOfMissingPartition(ErrorDetails answer) {
        return is(answer) && NO_PARTITION.matcher(answer.getMessage()).matches();
    }

    /** The worker could not do it now, whatever the rows are. */
    static boolean isOfTheServer(ErrorDetails answer) {
        return is(answer) && OF_THE_SERVER.stream().anyMatch(answer.getMessage()::startsWith);
    }
}
