package dev.sluice.listen;

/** Lets a connection pass when it has shaken hands, or, if TLS is optional, when it does not begin with a handshake. */
record TlsGate(TlsCredentials credentials, Limits.Times times, StrayClients strays) implements Gate {

    @Override
    public void meet(Arrival arrival) {
        arrival.mayBeSilent(times.firstByte());
        new TlsSession(arrival, credentials, strays).begin();
    }
}
