package dev.sluice.listen.netty;

/** Who says how much a channel may read; see {@link ReadSizer}. On the connection's event loop only. */
public interface ReadDemand {

    /** How many bytes the read that is about to happen may take; 0 reads nothing. */
    int readBytesMax();

    /** The read is over, what it brought was handled. */
    void readEnded();

    /** Whether something came that the service has not got to yet. */
    default boolean isHeldUp() {
        return false;
    }
}
