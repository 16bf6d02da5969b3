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

    /** Where the white space ends that {@code bytes[0, to)} begins with: it decides nothing, however much comes. */
    static int spaceEnd(byte[] bytes, int to) {
        int at = 0;
        while (at < to && (bytes[at] == ' ' || bytes[at] == '\n' || bytes[at] == '\r' || bytes[at] == '\t')) {
            at++;
        }
        return at;
    }
}
