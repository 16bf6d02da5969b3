package dev.sluice.simulation;

import dev.sluice.simulation.PostgresFaults.Fault;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** A model of a server of PostgreSQL: its log, what is visible of it, and the sessions that hold locks on keys. */
final class Postgres {

    final VirtualTime time;
    final PostgresFaults faults;
    final Cluster cluster;
    private final int number;

    private final List<Transaction> log = new ArrayList<>();
    private final List<PostgresSession> sessions = new ArrayList<>();
    private Tables tables;
    private boolean isStandby;
    private int timeline = 1;
    private long downUntil;
    private long frozenUntil;
    private long fullUntil;
    private int starts;

    Postgres(Cluster cluster, int number) {
        this.cluster = cluster;
        this.number = number;
        time = cluster.time;
        faults = cluster.faults;
        tables = new Tables(cluster.expected);
    }

    PostgresSession session() {
        return new PostgresSession(this);
    }

    void opened(PostgresSession session) {
        sessions.add(session);
    }

    void closed(PostgresSession session) {
        sessions.remove(session);
        wakeWaiting();
    }

    /** Everything that is in the log stays; everybody is thrown out. */
    void restart(long downNanos) {
        starts++;
        downUntil = time.nanos() + downNanos;
        endSessions();
    }

    private void endSessions() {
        List.copyOf(sessions).forEach(session -> session.die(true));
    }

    boolean isDown() {
        return time.nanos() < downUntil;
    }

    /** What a fault does to the server as a whole before a statement runs. */
    void meet(Fault fault) {
        switch (fault) {
            case FREEZE -> freeze(faults.outageNanos());
            case FULL -> fullUntil = time.nanos() + faults.outageNanos();
            case SEVERED -> cluster.sever(faults.severedNanos());
            default -> {
                // it is the session's, or comes later
            }
        }
    }

    boolean isFull() {
        return time.nanos() < fullUntil;
    }

    void freeze(long nanos) {
        frozenUntil = Math.max(frozenUntil, time.nanos() + nanos);
    }

    long frozenNanos() {
        return Math.max(0, frozenUntil - time.nanos());
    }

    /** How long it does nothing, for whatever reason. */
    long standingNanos() {
        return Math.max(frozenNanos(), downUntil - time.nanos());
    }

    String startedAt() {
        return "1795478" + number + "00" + starts;
    }

    int timeline() {
        return timeline;
    }

    boolean isStandby() {
        return isStandby;
    }

    int openSessions() {
        return sessions.size();
    }

    Tables tables() {
        return tables;
    }

    /** The other session that holds what is asked for and has not decided yet, or null. */
    PostgresSession holder(Predicate<SqlStatements> holds, PostgresSession asking) {
        return sessions.stream()
                .filter(each -> each != asking && holds.test(each.statements()))
                .findFirst()
                .orElse(null);
    }

    /** Nothing can undo it here any more, but nobody sees it yet. */
    void write(Transaction done) {
        log.add(done);
        done.writtenAt(log.size());
        cluster.written(this);
    }

    /** All see it now. */
    void show(Transaction done) {
        tables.commit(done);
        wakeWaiting();
    }

    int written() {
        return log.size();
    }

    void wakeWaiting() {
        List.copyOf(sessions).forEach(PostgresSession::wake);
    }

    /** Of the rows in its log that another server's has not. */
    List<String> namesBesides(Postgres other) {
        return log.stream()
                .filter(each -> !other.log.contains(each))
                .flatMap(each -> Stream.concat(each.events.stream(), each.letters.stream()))
                .map(CopiedRow::name)
                .toList();
    }

    /** Follows another server as its standby, with nothing that it had before. */
    void rebuild(Postgres primary) {
        endSessions();
        starts++;
        isStandby = true;
        log.clear();
        tables = new Tables(cluster.expected);
        follow(primary);
    }

    /** A standby takes what it does not have yet. */
    void follow(Postgres primary) {
        timeline = primary.timeline;
        for (Transaction each : primary.log.subList(log.size(), primary.log.size())) {
            log.add(each);
            tables.commit(each);
        }
    }

    void promote() {
        isStandby = false;
        timeline++;
    }
}
