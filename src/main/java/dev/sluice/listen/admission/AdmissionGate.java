package dev.sluice.listen.admission;

import dev.sluice.listen.report.ListenObserver.Refusal;
import java.net.InetAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Lets in who comes from an allowed network and is not there often enough already.
 *
 * @param allow the networks; empty lets everybody in
 */
public record AdmissionGate(List<Network> allow, Sources sources) implements Gate {

    @Override
    public void meet(Admission connection) {
        InetAddress from = connection.address();
        if (!isAllowed(from)) {
            connection.refuse(Refusal.NOT_ALLOWED);
        } else if (from == null || !sources.areCounted()) {
            connection.pass();
        } else {
            admit(connection, sources.admit(from));
        }
    }

    @Override
    public @Nullable Refusal refusalOf(@Nullable InetAddress socket) {
        if (!isAllowed(socket)) {
            return Refusal.NOT_ALLOWED;
        }
        return socket != null && sources.isFull(socket) ? Refusal.MAX_CONNECTIONS_PER_SOURCE : null;
    }

    private boolean isAllowed(@Nullable InetAddress from) {
        return allow.isEmpty() || (from != null && allow.stream().anyMatch(network -> network.contains(from)));
    }

    private static void admit(Admission connection, Sources.@Nullable Source source) {
        if (source == null) {
            connection.refuse(Refusal.MAX_CONNECTIONS_PER_SOURCE);
        } else {
            connection.setSource(source);
            connection.pass();
        }
    }
}
