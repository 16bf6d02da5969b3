package dev.sluice.store;

import java.time.Duration;

/** What a lane tells a new session, and asks it. */
final class SessionStatements {

    /**
     * A backend whose client has gone notices it while it waits for a lock, and so gives back what it holds itself;
     * otherwise each deadline that passes under a long lock would leave one more of them. Not every server can do it.
     */
    static final String NOTICE_GONE_CLIENT = "SET client_connection_check_interval = '5s'";

    static final String START_TIME = "SELECT extract(epoch FROM pg_postmaster_start_time())::text";
    static final String NO_TRANSACTION_TIMEOUT = "SET transaction_timeout = 0"; // since PostgreSQL 17

    /**
     * A process of ours that stands still keeps the locks of its transaction, and an owner who waits for one of them
     * has all other instances wait: the server itself ends such a transaction, so long after it should have ended. Not
     * one that stands still within a COPY, where PostgreSQL waits for the next message whatever the limits say.
     */
    private static final Duration STANDSTILL = Duration.ofMinutes(1);

    private SessionStatements() {}

    /**
     * As long as the process runs, and is not cut off, the deadline of the batch is the limit of time: a lock makes a
     * batch slow, it is no error. And a warning has to reach us: one that comes with a COMMIT says that the standby
     * does not have it.
     *
     * @param deadline what a transaction may take
     */
    static String limits(Duration deadline) {
        return "SET statement_timeout = " + deadline.plus(STANDSTILL).toMillis() + "; SET lock_timeout = 0;"
                + " SET idle_in_transaction_session_timeout = " + STANDSTILL.toMillis()
                + "; SET client_min_messages = warning";
    }
}
