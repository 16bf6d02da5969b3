package dev.sluice.event;

import org.jspecify.annotations.Nullable;

/**
 * Tells the protocol of one connection from its first bytes. It may remember how far it looked: while it does not know,
 * the same bytes are presented again with more after them, but for white space before the first other byte.
 */
@FunctionalInterface
public interface ProtocolDetector {

    /**
     * The protocol of the connection that began with {@code bytes[from, to)}, or null when more bytes are needed. With
     * no bytes, the protocol of a listener that has only one.
     *
     * @param last whether there will be no more
     */
    @Nullable
    Protocol detect(byte[] bytes, int from, int to, boolean last);
}
