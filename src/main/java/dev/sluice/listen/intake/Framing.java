package dev.sluice.listen.intake;

import dev.sluice.event.FirstBytes;
import dev.sluice.event.Framer;
import dev.sluice.event.Protocol;
import dev.sluice.event.ProtocolDetector;

/** How a listener learns what its shippers speak; the root joins it to the protocols. */
public interface Framing {

    /** What the first bytes of a connection show of its client, as far as they are there. */
    default FirstBytes firstBytes(byte[] bytes, int from, int to) {
        return FirstBytes.SHIPPER;
    }

    /** What tells the protocol of one new connection. */
    ProtocolDetector detector();

    /** A framer for one connection. */
    Framer framer(Protocol protocol);
}
