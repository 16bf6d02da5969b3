package dev.sluice.listen.tls;

import dev.sluice.listen.admission.Admission;
import dev.sluice.listen.admission.Gate;
import dev.sluice.listen.admission.Limits;
import dev.sluice.listen.report.StrayClients;

/**
 * Lets a connection pass when it has shaken hands, or, if TLS is optional, when it does not begin with a handshake. The
 * handshake and its time limit are the {@link TlsSession}'s.
 */
public record TlsGate(TlsCredentials credentials, Limits.Times times, StrayClients strays) implements Gate {

    @Override
    public void meet(Admission connection) {
        connection.setSilenceLimit(times.firstByte());
        new TlsSession(connection, credentials, strays).begin();
    }
}
