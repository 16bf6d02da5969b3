package dev.sluice.listen;

import dev.sluice.event.Framer;
import dev.sluice.event.Protocol;
import dev.sluice.event.ProtocolDetector;

/** How a listener learns what its shippers speak; the root joins it to the protocols. */
public interface Framing {

    /** What tells the protocol of one new connection. */
    ProtocolDetector detector();

    /** A framer for one connection. */
    Framer framer(Protocol protocol);
}
