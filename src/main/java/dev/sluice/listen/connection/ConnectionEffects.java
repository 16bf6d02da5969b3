package dev.sluice.listen.connection;

import dev.sluice.listen.report.ListenObserver.Wait;

/** What {@link ConnectionState} decides on; {@link ConnectionParts} does it. */
interface ConnectionEffects {

    /** One read of the socket, or of what was read and is not framed yet. */
    void read();

    /** Reads stop, for this reason. */
    void paused(Wait why);

    /** Reads may go on. */
    void resumed();

    /** Stands in line for the budget. */
    void joinBudget();

    /** Stands in line for what its source may send. */
    void joinRate();

    /** Leaves both lines. */
    void leaveLines();

    /** What its source may send limits it no longer. */
    void liftRate();

    /** A grant that nothing used would keep others waiting. */
    void giveGrantBack();

    /** Sends the shipper elsewhere, in its protocol. */
    void sayFarewell();

    /** Has {@link ConnectionState#answered} called when everything before is answered and has left. */
    void tellWhenAnswered(Mark mark);

    /** Tells the shipper that nothing more is written. */
    void shutdownOutput();

    /** Closes the channel. */
    void close();

    /** What is to be done when everything is answered. */
    enum Mark {
        HALF_CLOSE,
        CLOSE
    }
}
