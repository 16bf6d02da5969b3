package dev.sluice.listen.admission;

import java.time.Duration;
import java.util.List;

/**
 * What a listener lets its connections do. A number, rate or time of 0 sets no limit.
 *
 * @param connectionsMax connections beyond this are closed at once
 * @param perSourceMax connections of one source beyond this are closed at once
 * @param allow networks that may connect; empty lets everybody in
 * @param bytesPerSecondMax of one source; a faster one is read more slowly
 * @param times how long a connection may do nothing, and live
 */
public record Limits(int connectionsMax, int perSourceMax, List<Network> allow, long bytesPerSecondMax, Times times) {

    /**
     * How long a connection may do nothing, and live.
     *
     * @param firstByte without sending a first byte
     * @param idle without sending while nothing is due to it
     * @param age until its shipper is sent to connect anew
     */
    public record Times(Duration firstByte, Duration idle, Duration age) {

        /** No connection is too quiet or too old. */
        public static final Times UNLIMITED = new Times(Duration.ZERO, Duration.ZERO, Duration.ZERO);
    }

    /** Nothing but a number of connections. */
    public static Limits ofConnections(int max) {
        return new Limits(max, 0, List.of(), 0, Times.UNLIMITED);
    }
}
