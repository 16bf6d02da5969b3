package dev.sluice.listen.connection;

/**
 * What {@link ConnectionState} asks when it has to decide. It asks no more than it needs: some of the answers take a
 * lock.
 */
interface ConnectionFacts {

    /** Whether it has the reserve, and a frame to go on with. */
    boolean isOnReserve();

    /** Whether enough of its bytes wait for the rail. */
    boolean isAhead();

    /** Whether too many replies wait for a commit, or for a shipper that does not take them. */
    boolean hasManyReplies();

    /** Whether its source sent more than it may. */
    boolean isAboveRate();

    /** Whether the budget is spent. */
    boolean isBudgetSpent();

    /** Whether everything is answered and has left. */
    boolean isAnswered();

    /** Whether the last read ended inside a frame, or inside a record of TLS. */
    boolean isInsideFrame();

    /** Whether what comes is dropped, because the shipper sends it again elsewhere. */
    boolean isDropping();

    /** For how long replies wait for nothing but the shipper, which took none; as of {@code nowNanos}. */
    long stuckNanos(long nowNanos);

    /** Whether others wait for what its replies take of the budget. */
    boolean isWanted();

    /**
     * Polls whether it holds what others wait for, and does not go on sending.
     *
     * @param isAsked whether it is the shipper that has to do something
     */
    boolean isTooSlow(long nowNanos, boolean isAsked);
}
