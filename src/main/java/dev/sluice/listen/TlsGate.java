package dev.sluice.listen;

import java.time.Duration;

/** Lets a connection pass when it has shaken hands, or, if TLS is optional, when it does not begin with a handshake. */
record TlsGate(TlsCredentials credentials, Limits.Times times) implements Gate {

    @Override
    public void meet(Arrival arrival) {
        Duration firstByte = times.firstByte();
        arrival.mayBeSilent(firstByte.isZero() ? Long.MAX_VALUE : firstByte.toNanos());
        new TlsSession(arrival, credentials).begin();
    }
}
