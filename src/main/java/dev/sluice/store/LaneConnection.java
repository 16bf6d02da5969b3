package dev.sluice.store;

import dev.sluice.store.batch.WriteUnit;
import dev.sluice.store.copy.CopyChunks;
import dev.sluice.store.copy.CopyFormat;
import dev.sluice.store.copy.IdentifiedRows;
import dev.sluice.store.copy.NeighbourRow;
import dev.sluice.store.copy.Span;
import dev.sluice.store.database.DatabaseHosts;
import dev.sluice.store.database.HostAddress;
import dev.sluice.store.database.HostConnection;
import dev.sluice.store.database.LaneLoop;
import dev.sluice.store.database.TableHome;
import dev.sluice.store.database.Timeline;
import dev.sluice.store.failure.CommittedBeforeException;
import dev.sluice.store.failure.LedgerException;
import io.r2dbc.postgresql.api.PostgresqlConnection;
import io.r2dbc.postgresql.api.PostgresqlResult;
import io.r2dbc.spi.R2dbcBadGrammarException;
import io.r2dbc.spi.R2dbcException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
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

    private final HostConnection host;

    final String home; // comes before the name of every table
    final PostgresqlConnection connection;
    private Suppressed suppressed = Suppressed.NONE;
    private boolean synchronous = true;
    private String startedAt = "";
    private String commit = "COMMIT";

    private LaneConnection(HostConnection host, TableHome home) {
        this.host = host;
        this.home = home.prefix();
        connection = host.connection();
    }

    /**
     * Connects to the primary and sets the session up.
     *
     * @param limit what that may take
     * @param deadline what a transaction may take
     */
    static Mono<LaneConnection> open(DatabaseHosts hosts, LaneLoop loop, Duration limit, Duration deadline) {
        return hosts.connect(loop)
                .map(host -> new LaneConnection(host, hosts.home()))
                .flatMap(opened ->
                        opened.setUp(deadline).timeout(limit, loop.scheduler()).thenReturn(opened));
    }

    private Mono<Void> setUp(Duration deadline) {
        return run(SessionStatements.limits(deadline))
                .then(runIfKnown(SessionStatements.NOTICE_GONE_CLIENT))
                .then(runIfKnown(SessionStatements.NO_TRANSACTION_TIMEOUT))
                .then(value("SHOW synchronous_commit", String.class))
                .doOnNext(setting -> synchronous = !setting.equals("off"))
                .then(value(SessionStatements.START_TIME, String.class)
                        .onErrorReturn(R2dbcException.class, "")) // not all may ask
                .doOnNext(time -> startedAt = time)
                .then();
    }

    HostAddress host() {
        return host.host();
    }

    ServerRun server() {
        return new ServerRun(host(), startedAt);
    }

    Timeline timeline() {
        return host.timeline();
    }

    /**
     * Opens the transaction and enters it into the ledger, in one round trip. When an earlier attempt is still running,
     * this waits for its end; when that one was committed, this fails. That is told by the number of rows and not by an
     * error, whose names and code are others where the ledger is a distributed table.
     */
    Mono<Void> begin(WriteUnit unit) {
        suppressed = Suppressed.NONE;
        String check = unit.eventRows() > 0 ? CopyFormat.check(home) : "";
        commit = "SET CONSTRAINTS ALL IMMEDIATE; " + check + "COMMIT";
        return changed("BEGIN; INSERT INTO " + home + "ingest_batch (batch_id, committed_at, events) VALUES ('"
                        + unit.id() + "', now(), " + unit.eventRows() + ") ON CONFLICT DO NOTHING")
                .flatMap(rows -> rows == 1 ? Mono.empty() : notEntered(unit.id()));
    }

    /** A trigger may also have dropped the row. */
    private Mono<Void> notEntered(UUID id) {
        return value("SELECT count(*) FROM " + home + "ingest_batch WHERE batch_id = '" + id + "'", Long.class)
                .flatMap(count ->
                        Mono.error(count > 0 ? new CommittedBeforeException() : new LedgerException("ingest_batch")));
    }

    /**
     * Remembers the identified deliveries of the transaction. One that is being committed elsewhere is waited for; all
     * lanes take them in the same order, so that none waits for another that waits for it.
     *
     * @return those that had not been committed before
     */
    Mono<Set<UUID>> remember(WriteUnit unit) {
        String values = unit.identified().stream()
                .map(IdentifiedRows::id)
                .sorted()
                .map(id -> "('" + id + "', now())")
                .collect(Collectors.joining(", "));
        return Mono.defer(() -> connection
                .createStatement("INSERT INTO " + home + "ingest_delivery (delivery_id, committed_at) VALUES " + values
                        + " ON CONFLICT DO NOTHING RETURNING delivery_id")
                .execute()
                .concatMapDelayError(result -> result.map((row, metadata) -> row.get(0, UUID.class)))
                .collect(Collectors.toUnmodifiableSet()));
    }

    /** Corrects the ledger: some deliveries had been committed before, and are in it. */
    Mono<Void> correct(WriteUnit rest, Collection<UUID> committed) {
        String ids = committed.stream().map(id -> "'" + id + "'").collect(Collectors.joining(", "));
        return value("SELECT count(*) FROM " + home + "ingest_delivery WHERE delivery_id IN (" + ids + ")", Long.class)
                .flatMap(count -> count == committed.size()
                        ? run("UPDATE " + home + "ingest_batch SET events = " + rest.eventRows() + " WHERE batch_id = '"
                                + rest.id() + "'")
                        : Mono.error(new LedgerException("ingest_delivery")));
    }

    Mono<Void> copyEvents(List<Span> rows) {
        return copy("log_event", CopyFormat.EVENT_COLUMNS, rows)
                .doOnNext(missing -> suppress(missing, 0))
                .then();
    }

    /** What follows the times of a row that {@code log_event} has of that day or the one before; empty without one. */
    Mono<byte[]> neighbour(Instant time) {
        return Mono.defer(() -> connection
                .createStatement(NeighbourRow.query(home, time))
                .execute()
                .concatMapDelayError(result -> result.map((row, metadata) -> row.get(0, byte[].class)))
                .singleOrEmpty()); // not the first: a statement is read to its end
    }

    /** Opens a transaction that is not meant to stay. */
    Mono<Void> beginTrial() {
        return run("BEGIN; SET CONSTRAINTS ALL IMMEDIATE");
    }

    /** Opens one in which nothing takes long; a lock is given up first, and so never taken for work. */
    Mono<Void> beginTrial(Duration limit) {
        return run("BEGIN; SET CONSTRAINTS ALL IMMEDIATE; SET LOCAL statement_timeout = " + limit.toMillis()
                + "; SET LOCAL lock_timeout = " + limit.dividedBy(2).toMillis());
    }

    /** From here on a refused row is refused when it is copied, not at the COMMIT. */
    Mono<Void> checkAtOnce() {
        return run("SET CONSTRAINTS ALL IMMEDIATE");
    }

    /** What follows can be undone without the rest of the transaction. */
    Mono<Void> savepoint() {
        return run("SAVEPOINT rows");
    }

    /** What followed the savepoint stays; what follows now can be undone. */
    Mono<Void> nextSavepoint() {
        return run("RELEASE SAVEPOINT rows; SAVEPOINT rows");
    }

    /** What followed the savepoint stays. */
    Mono<Void> releaseSavepoint() {
        return run("RELEASE SAVEPOINT rows");
    }

    /** Undoes what followed the savepoint, which stays. */
    Mono<Void> rollbackToSavepoint() {
        return run("ROLLBACK TO SAVEPOINT rows");
    }

    Mono<Void> copyDeadLetters(List<Span> rows) {
        return copy("dead_letter", CopyFormat.DEAD_LETTER_COLUMNS, rows)
                .doOnNext(missing -> suppress(0, missing))
                .then();
    }

    private void suppress(int events, int deadLetters) {
        suppressed = suppressed.plus(new Suppressed(events, deadLetters));
    }

    /** What the transaction's COPY commands sent, and the server did not count. */
    Suppressed suppressed() {
        return suppressed;
    }

    /** Commits; fails also on a warning. After an error COMMIT would just roll back: what is before it fails. */
    Mono<Void> commit() {
        return Mono.defer(() -> connection.isAutoCommit()
                ? Mono.error(new IllegalStateException("the transaction was gone before its COMMIT"))
                : runWithoutWarning(commit).then());
    }

    /**
     * Makes sure of a transaction that is in the ledger: a write of its own is committed after it. To be visible is not
     * to be durable, because a COMMIT whose wait for a standby was broken off is visible.
     */
    Mono<Void> confirm(WriteUnit unit) {
        return runWithoutWarning("UPDATE " + home + "ingest_batch SET committed_at = committed_at WHERE batch_id = '"
                        + unit.id() + "'")
                .flatMap(rows -> rows == 1
                        ? Mono.empty()
                        : Mono.error(new IllegalStateException("the batch is in the ledger no more")));
    }

    /** Which of the batches are in the ledger; all, where that is a copy which may be behind. */
    Mono<Set<UUID>> committed(List<UUID> ids) {
        String values = ids.stream().map(id -> "('" + id + "'::uuid)").collect(Collectors.joining(", "));
        return Mono.defer(() -> connection
                .createStatement("SELECT asked.id FROM (VALUES " + values + ") asked (id) LEFT JOIN " + home
                        + "ingest_batch b ON b.batch_id = asked.id WHERE b.batch_id IS NOT NULL OR pg_is_in_recovery()")
                .execute()
                .concatMapDelayError(result -> result.map((row, metadata) -> row.get(0, UUID.class)))
                .collect(Collectors.toUnmodifiableSet()));
    }

    /** Whether a COMMIT waits until it is on disk. */
    boolean isSynchronous() {
        return synchronous;
    }

    Mono<Void> check() {
        return run(CopyFormat.check(home));
    }

    Mono<Void> rollback() {
        return run("ROLLBACK");
    }

    /** Takes leave of the server. It may never complete: bound the wait, then close the socket. */
    Mono<Void> close() {
        return connection.close();
    }

    /** How many of the rows the server did not count. */
    private Mono<Integer> copy(String table, String columns, List<Span> rows) {
        return rows.isEmpty()
                ? Mono.empty()
                : connection
                        .copyIn("COPY " + home + table + " (" + columns + ") FROM STDIN (FORMAT binary)")
                        .fromMany(CopyChunks.of(rows))
                        .build()
                        .map(copied -> Math.toIntExact(Span.rows(rows) - copied));
    }

    private Mono<Void> runIfKnown(String sql) {
        return run(sql).onErrorComplete(R2dbcBadGrammarException.class);
    }

    /** Runs it to its end, and fails on a warning as on an error; else the number of rows that it changed. */
    private Mono<Long> runWithoutWarning(String sql) {
        return Mono.defer(() -> connection
                .createStatement(sql)
                .execute()
                .concatMapDelayError(result -> result.flatMap(segment -> Mono.just(segment)))
                .reduce(Answers.NONE, Answers::and)
                .flatMap(Answers::rows));
    }

    private Mono<Void> run(String sql) {
        return changed(sql).then();
    }

    /** The number of rows that it changed; an error is passed on only after all answers have been read. */
    private Mono<Long> changed(String sql) {
        return Mono.defer(() -> connection
                .createStatement(sql)
                .execute()
                .concatMapDelayError(PostgresqlResult::getRowsUpdated)
                .reduce(0L, Long::sum));
    }

    private <T> Mono<T> value(String sql, Class<T> type) {
        return Mono.defer(() -> connection
                .createStatement(sql)
                .execute()
                .concatMapDelayError(result -> result.map((row, metadata) -> row.get(0, type)))
                .single());
    }
}
