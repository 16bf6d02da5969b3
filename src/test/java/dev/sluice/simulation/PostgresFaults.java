package dev.sluice.simulation;

import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;

/** What goes wrong at a server, and when: the seed decides for each statement. */
final class PostgresFaults {

    /** What happens to a statement. */
    enum Fault {
        NONE,
        /** The session is ended by an administrator before the statement ran. */
        TERMINATED,
        /** The connection breaks before the statement ran. */
        LOST_BEFORE,
        /** The statement ran, also if it is a COMMIT, and the connection broke before the answer. */
        LOST_ANSWER,
        /** Nothing arrives any more in either direction, and nobody is told; the statement does run. */
        CUT,
        /** The server was not able to do it this time. */
        ERROR,
        /** As a COMMIT that gave up to wait for its standby: it is done, and says that it may not last. */
        WARNING,
        /** The disk is full for a while. */
        FULL,
        /** The server restarts. */
        RESTART,
        /** The server stands still. */
        FREEZE,
        /** The standby, where there is one, hears nothing for a while. */
        SEVERED,
        /** The standby, where there is one, is promoted. */
        FAILOVER
    }

    /** What comes of it, or of the moment. */
    enum Consequence {
        LOGIN_REFUSED,
        LOCK_AWAITED,
        STANDBY_AWAITED,
        WAIT_FOR_STANDBY_GIVEN_UP,
        FAILED_OVER
    }

    private static final List<Fault> FAULTS = List.of(Fault.values()).subList(1, Fault.values().length);
    private static final List<String> TRANSIENT =
            List.of("40001", "40P01", "53200", "53100", "57014", "55P03", "58030");
    private static final int SLOW_ONE_IN = 100;

    private final SplittableRandom random;
    private double rate;

    /** {@code rate} is how many of the statements meet one. */
    PostgresFaults(SplittableRandom random, double rate) {
        this.random = random;
        this.rate = rate;
    }

    void end() {
        rate = 0;
    }

    Fault next() {
        return random.nextDouble() < rate ? FAULTS.get(random.nextInt(FAULTS.size())) : Fault.NONE;
    }

    /** Null for a login that is let in. */
    SqlError login() {
        if (random.nextDouble() >= rate) {
            return null;
        }
        return random.nextBoolean()
                ? SqlError.fatal("53300", "sorry, too many clients already")
                : SqlError.fatal("57P03", "the database system is starting up");
    }

    SqlError transientError() {
        return SqlError.of(TRANSIENT.get(random.nextInt(TRANSIENT.size())), "not now");
    }

    Duration latency() {
        boolean isSlow = rate > 0 && random.nextInt(SLOW_ONE_IN) == 0;
        return Duration.ofNanos(random.nextLong(isSlow ? 3_000_000_000L : 2_000_000L));
    }

    /** How long a server is away, or stands still. */
    long outageNanos() {
        return random.nextLong(
                Duration.ofSeconds(random.nextInt(4) == 0 ? 60 : 3).toNanos());
    }

    /** For how long a standby hears nothing. */
    long severedNanos() {
        return Duration.ofSeconds(3).toNanos() + outageNanos();
    }

    /** Whether somebody breaks off the wait for a standby, and whether the standby takes over then. */
    boolean isImpatient() {
        return random.nextInt(4) > 0;
    }

    /** When an operator does something about what stands still. */
    Duration reaction() {
        return Duration.ofMillis(random.nextInt(1000));
    }

    /** When a server notices that nobody is there any more. */
    Duration noticed() {
        return Duration.ofMillis(random.nextInt(30_000));
    }
}
