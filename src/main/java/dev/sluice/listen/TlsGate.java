package dev.sluice.listen;

/** Lets a connection pass when it has shaken hands, or, if TLS is optional, when it does not begin with a handshake. */
record TlsGate(TlsCredentials credentials) implements Gate {

    @Override
    public void meet(Arrival arrival) {
        new TlsSession(arrival, credentials).begin();
    }
}
