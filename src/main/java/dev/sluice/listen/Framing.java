package dev.sluice.listen;

import dev.sluice.event.Framer;
import dev.sluice.event.Protocol;
import org.jspecify.annotations.Nullable;

/** How a listener learns what its shippers speak; the root joins it to the protocols. */
public interface Framing {

    /**
     * The protocol of a connection that began with {@code bytes[from, to)}, or null when more bytes are needed. With no
     * bytes, the protocol of a listener that has only one.
     *
     * @param last whether there will be no more
     */
    @Nullable
    Protocol detect(byte[] bytes, int from, int to, boolean last);

    /** A framer for one connection. */
    Framer framer(Protocol protocol);
}
