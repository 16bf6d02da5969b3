package dev.sluice.simulation;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * One server, or a primary and its standby, which may take its place at any time. A primary that was passed over goes
 * on as if it were one, until it is made a standby.
 */
final class Cluster {

    /** Whether there is a standby, and whether a COMMIT waits for it. */
    enum Replication {
        NONE,
        ASYNCHRONOUS,
        SYNCHRONOUS
    }

    static final int PORT = 5432;

    private static final Duration LAG_SYNCHRONOUS = Duration.ofMillis(2);
    private static final Duration LAG_ASYNCHRONOUS = Duration.ofSeconds(1);
    private static final Duration PROMOTION = Duration.ofSeconds(4);
    private static final Duration REBUILD = Duration.ofSeconds(20);

    final VirtualTime time;
    final PostgresFaults faults;
    final Expected expected = new Expected();
    private final SplittableRandom random;
    private final Replication replication;
    private final List<Postgres> servers;
    private Postgres primary;

    /** Null where there is none at the moment: nothing waits for it then. */
    private Postgres standby;

    /** One name a row; a row that is sent and taken again is there again. */
    private final List<String> passedOver = new ArrayList<>();

    private long severedUntil;
    private boolean isFailingOver;

    Cluster(VirtualTime time, PostgresFaults faults, Replication replication, SplittableRandom random) {
        this.time = time;
        this.faults = faults;
        this.replication = replication;
        this.random = random;
        primary = new Postgres(this, 0);
        if (replication == Replication.NONE) {
            servers = List.of(primary);
        } else {
            standby = new Postgres(this, 1);
            standby.rebuild(primary);
            servers = List.of(primary, standby);
        }
    }

    int size() {
        return servers.size();
    }

    Postgres at(int port) {
        return servers.get(port - PORT);
    }

    /** What is true: the tables of the server that was promoted last. */
    Tables tables() {
        return primary.tables();
    }

    boolean mayLose() {
        return replication == Replication.ASYNCHRONOUS;
    }

    /** Whether it is committed, if only on a server that was passed over. */
    boolean wasCommitted(String name) {
        return servers.stream().anyMatch(server -> server.tables().has(name)) || isPassedOver(name);
    }

    /** Whether a failover took a row of it. */
    boolean isPassedOver(String name) {
        return passedOver.contains(name);
    }

    /** Rows that failovers took. */
    int passedOver() {
        return passedOver.size();
    }

    /** Whether every server is what it should be. */
    boolean isSettled() {
        return !isFailingOver;
    }

    int openSessions() {
        return servers.stream().mapToInt(Postgres::openSessions).sum();
    }

    /** Whether a COMMIT has to wait: as long as the standby does not have it, and for ever where nobody asks for it. */
    boolean isWaitedFor(Postgres server, int position) {
        if (replication != Replication.SYNCHRONOUS) {
            return false;
        }
        return server != primary || (standby != null && standby.written() < position);
    }

    /** Something is in the log of a server, and comes to the other one after a while. */
    void written(Postgres server) {
        if (server == primary && standby != null) {
            Duration lag = replication == Replication.SYNCHRONOUS ? LAG_SYNCHRONOUS : LAG_ASYNCHRONOUS;
            time.after(Duration.ofNanos(random.nextLong(lag.toNanos())), this::replicate);
        }
    }

    private void replicate() {
        if (standby == null) {
            return;
        }
        long standing = Math.max(primary.standingNanos(), severedUntil - time.nanos());
        if (standing > 0) {
            time.after(Duration.ofNanos(standing), this::replicate);
            return;
        }
        standby.follow(primary);
        primary.wakeWaiting();
    }

    /** The standby hears nothing for a while. */
    void sever(long nanos) {
        severedUntil = Math.max(severedUntil, time.nanos() + nanos);
    }

    /** The primary dies, stands still, or only seems to; soon the standby takes its place. */
    void failOver() {
        if (standby == null || isFailingOver) {
            return;
        }
        isFailingOver = true;
        switch (random.nextInt(3)) {
            case 0 -> primary.restart(faults.outageNanos());
            case 1 -> primary.freeze(faults.outageNanos());
            default -> sever(PROMOTION.toNanos());
        }
        time.after(Duration.ofNanos(random.nextLong(PROMOTION.toNanos())), this::promote);
    }

    private void promote() {
        Postgres old = primary;
        primary = standby;
        standby = null;
        primary.promote();
        severedUntil = 0;
        time.count(PostgresFaults.Consequence.FAILED_OVER);
        time.after(Duration.ofSeconds(1).plusNanos(random.nextLong(REBUILD.toNanos())), () -> {
            old.namesBesides(primary).forEach(passedOver::add);
            old.rebuild(primary);
            standby = old;
            isFailingOver = false;
        });
    }
}
