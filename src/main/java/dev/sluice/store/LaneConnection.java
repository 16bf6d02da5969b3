package dev.sluice.store;

import io.r2dbc.postgresql.PostgresqlConnectionFactory;
import io.r2dbc.postgresql.api.PostgresqlConnection;
import io.r2dbc.postgresql.api.PostgresqlResult;
import io.r2dbc.spi.R2dbcBadGrammarException;
import java.util.List;
import reactor.core.publisher.Mono;

/**
 * The statements of a transaction on one physical connection, one at a time, each read to its end and never cancelled:
 * the driver may leave a connection with a cancelled statement stuck for ever.
 */
final class LaneConnection {

    /** The batch deadline is the only limit of time: a lock makes a batch slow, it is no error. */
    private static final String SESSION =
            "SET statement_timeout = 0; SET lock_timeout = 0;" + " SET idle_in_transaction_session_timeout = '5min'";

    /**
     * A backend whose client has gone notices it while it waits for a lock, and so gives back what it holds itself;
     * otherwise each deadline that passes under a long lock would leave one more of them. Not every server can do it.
     */
    private static final String NOTICE_GONE_CLIENT = "SET client_connection_check_interval = '5s'";

    private static final String COPY_EVENTS =
            "COPY log_event (" + CopyFormat.EVENT_COLUMNS + ") FROM STDIN (FORMAT binary)";
    private static final String COPY_DEAD_LETTERS =
            "COPY dead_letter (" + CopyFormat.DEAD_LETTER_COLUMNS + ") FROM STDIN (FORMAT binary)";

    private final PostgresqlConnection connection;

    private LaneConnection(PostgresqlConnection connection) {
        this.connection = connection;
    }

    static Mono<LaneConnection> open(PostgresqlConnectionFactory factory) {
        return factory.create()
                .map(LaneConnection::new)
                .flatMap(opened -> opened.run(SESSION)
                        .then(opened.run(NOTICE_GONE_CLIENT).onErrorComplete(R2dbcBadGrammarException.class))
                        .thenReturn(opened));
    }

    /**
     * Opens the transaction and enters it into the ledger, in one round trip. When an earlier attempt is still running,
     * this waits for its end; when that one was committed, this fails.
     */
    Mono<Void> begin(Portion portion) {
        return run("BEGIN; INSERT INTO ingest_batch (batch_id, committed_at, events) VALUES ('" + portion.id()
                + "', now(), " + portion.eventRows() + ")");
    }

    Mono<Void> copyEvents(Portion portion) {
        return copy(COPY_EVENTS, portion.events());
    }

    Mono<Void> copyDeadLetters(Portion portion) {
        return copy(COPY_DEAD_LETTERS, portion.deadLetters());
    }

    /** Commits; the driver checks that the server did not answer with a rollback. */
    Mono<Void> commit() {
        return Mono.defer(() -> connection.isAutoCommit()
                ? Mono.error(new IllegalStateException("the transaction was gone before its COMMIT"))
                : connection.commitTransaction());
    }

    Mono<Void> rollback() {
        return run("ROLLBACK");
    }

    /** Takes leave of the server. It may never complete: bound the wait, then close the socket. */
    Mono<Void> close() {
        return connection.close();
    }

    private Mono<Void> copy(String sql, List<Span> rows) {
        return rows.isEmpty()
                ? Mono.empty()
                : connection.copyIn(sql).fromMany(CopyChunks.of(rows)).build().then();
    }

    /** An error is passed on only after all answers have been read. */
    private Mono<Void> run(String sql) {
        return Mono.defer(() -> connection
                .createStatement(sql)
                .execute()
                .concatMapDelayError(PostgresqlResult::getRowsUpdated)
                .then());
    }
}
