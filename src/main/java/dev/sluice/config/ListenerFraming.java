package dev.sluice.config;

import dev.sluice.event.FirstBytes;
import dev.sluice.event.Framer;
import dev.sluice.event.Protocol;
import dev.sluice.event.ProtocolDetector;
import dev.sluice.listen.intake.Framing;
import dev.sluice.protocol.Protocols;
import dev.sluice.protocol.forward.ForwardSecurity;
import org.jspecify.annotations.Nullable;

/** Frames what comes to a listener as that is configured. */
public final class ListenerFraming implements Framing {

    private final ListenerProperties listener;
    private final Protocols protocols;
    private final int frameBytesMax;
    private final @Nullable ForwardSecurity security;

    /** Made once a listener, before its connections: the secret that it draws may block. */
    public ListenerFraming(ListenerProperties listener, Protocols protocols) {
        this.listener = listener;
        this.protocols = protocols;
        frameBytesMax = Math.toIntExact(listener.maxFrame().toBytes());
        String sharedKey = listener.forward().sharedKey();
        security = sharedKey.isEmpty()
                ? null
                : new ForwardSecurity(sharedKey, listener.forward().users());
    }

    @Override
    public FirstBytes firstBytes(byte[] bytes, int from, int to) {
        return protocols.firstBytes(bytes, from, to);
    }

    @Override
    public ProtocolDetector detector() {
        return listener.protocol()
                .fixed()
                .<ProtocolDetector>map(protocol -> (bytes, from, to, last) -> protocol)
                .orElseGet(protocols::detector);
    }

    @Override
    public Framer framer(Protocol protocol) {
        return protocols.framer(protocol, frameBytesMax, listener.joinLines(), security);
    }
}
