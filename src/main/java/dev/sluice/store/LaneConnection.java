package dev.sluice.store;

import io.r2dbc.postgresql.api.PostgresqlConnection;
import io.r2dbc.postgresql.api.PostgresqlResult;
import io.r2dbc.spi.R2dbcBadGrammarException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
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

    private final HostConnection host;
    private final PostgresqlConnection connection;

    private LaneConnection(HostConnection host) {
        this.host = host;
        connection = host.connection();
    }

    /** Connects to the primary and sets the session up; for that, too, there is a limit. */
    static Mono<LaneConnection> open(DatabaseHosts hosts, LaneLoop loop, Duration limit) {
        return hosts.connect(loop)
                .map(LaneConnection::new)
                .flatMap(opened ->
                        opened.setUp().timeout(limit, loop.scheduler()).thenReturn(opened));
    }

    private Mono<Void> setUp() {
        return run(SESSION).then(run(NOTICE_GONE_CLIENT).onErrorComplete(R2dbcBadGrammarException.class));
    }

    HostAddress host() {
        return host.host();
    }

    Timeline timeline() {
        return host.timeline();
    }

    /**
     * Opens the transaction and enters it into the ledger, in one round trip. When an earlier attempt is still running,
     * this waits for its end; when that one was committed, this fails.
     */
    Mono<Void> begin(Portion portion) {
        return run("BEGIN; INSERT INTO ingest_batch (batch_id, committed_at, events) VALUES ('" + portion.id()
                + "', now(), " + portion.eventRows() + ")");
    }

    /**
     * Remembers the identified deliveries of the transaction. One that is being committed elsewhere is waited for; all
     * lanes take them in the same order, so that none waits for another that waits for it.
     *
     * @return those that had not been committed before
     */
    Mono<Set<UUID>> remember(Portion portion) {
        String values = portion.identified().stream()
                .map(IdentifiedRows::id)
                .sorted()
                .map(id -> "('" + id + "', now())")
                .collect(Collectors.joining(", "));
        return Mono.defer(() -> connection
                .createStatement("INSERT INTO ingest_delivery (delivery_id, committed_at) VALUES " + values
                        + " ON CONFLICT DO NOTHING RETURNING delivery_id")
                .execute()
                .concatMapDelayError(result -> result.map((row, metadata) -> row.get(0, UUID.class)))
                .collect(Collectors.toUnmodifiableSet()));
    }

    /** Corrects the ledger: some deliveries of the portion had been committed before. */
    Mono<Void> correct(Portion portion) {
        return run(
                "UPDATE ingest_batch SET events = " + portion.eventRows() + " WHERE batch_id = '" + portion.id() + "'");
    }

    Mono<Void> copyEvents(List<Span> rows) {
        return copy(COPY_EVENTS, rows);
    }

    /** From here on a refused row is refused when it is copied, not at the COMMIT. */
    Mono<Void> checkAtOnce() {
        return run("SET CONSTRAINTS ALL IMMEDIATE");
    }

    /** What follows can be undone without the rest of the transaction. */
    Mono<Void> savepoint() {
        return run("SAVEPOINT rows");
    }

    /** What followed the savepoint stays. */
    Mono<Void> releaseSavepoint() {
        return run("RELEASE SAVEPOINT rows");
    }

    /** Undoes what followed the savepoint. */
    Mono<Void> rollbackToSavepoint() {
        return run("ROLLBACK TO SAVEPOINT rows; RELEASE SAVEPOINT rows");
    }

    Mono<Void> copyDeadLetters(List<Span> rows) {
        return copy(COPY_DEAD_LETTERS, rows);
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
