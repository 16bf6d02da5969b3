package dev.sluice.listen;

import dev.sluice.event.Framer;
import dev.sluice.event.Protocol;
import org.jspecify.annotations.Nullable;

/** How a listener learns what its shippers speak; the root joins it to the protocols. */
public interface Framing {

    /** The protocol of a connection that began with {@code bytes[from, to)}, or null when more bytes are needed. */
    @Nullable
    Protocol detect(byte[] bytes, int from, int to);

    /** A framer for one connection. */
    Framer framer(Protocol protocol);
}
