package dev.sluice.listen;

import dev.sluice.listen.ListenObserver.Refusal;
import java.net.InetAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Lets in who comes from an allowed network and is not there often enough already.
 *
 * @param allow the networks; empty lets everybody in
 */
record AdmissionGate(List<Network> allow, Sources sources) implements Gate {

    @Override
    public void meet(Arrival arrival) {
        InetAddress from = arrival.address();
        if (!isAllowed(from)) {
            arrival.refuse(Refusal.NOT_ALLOWED);
        } else if (from == null || !sources.areCounted()) {
            arrival.pass();
        } else {
            admit(arrival, sources.admit(from));
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

    private static void admit(Arrival arrival, Sources.@Nullable Source source) {
        if (source == null) {
            arrival.refuse(Refusal.MAX_CONNECTIONS_PER_SOURCE);
        } else {
            arrival.countsFor(source);
            arrival.pass();
        }
    }
}
