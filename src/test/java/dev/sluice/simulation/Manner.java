package dev.sluice.simulation;

/** How a shipper behaves. */
enum Manner {
    /** It sends everything, waits for its answers and closes. */
    PROPER,
    /** It closes its side after the last byte, and still reads. */
    HALF_CLOSING,
    /** It has hardly any room for what it is answered, and takes its time. */
    SLOWLY_READING,
    /** It stops in the middle of anything, and is still there. */
    STALLING,
    /** It resets the connection in the middle of anything. */
    RESETTING,
    /** Somewhere it sends bytes that are not its protocol. */
    GARBLED;

    /** Whether all that it sent has to be stored: nothing of it may be lost by its own fault. */
    boolean isProper() {
        return this == PROPER || this == HALF_CLOSING || this == SLOWLY_READING;
    }
}
