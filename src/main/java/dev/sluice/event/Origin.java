package dev.sluice.event;

import static java.nio.charset.StandardCharsets.UTF_8;

/**
 * Who sent a delivery and how: what every row of a connection has in common.
 *
 * @param listener the name of the configured listener
 * @param source who the shipper is: its TLS client subject, else its address
 * @param protocol what it speaks
 * @param listenerBytes {@code listener} in UTF-8, as the row has it
 * @param sourceBytes {@code source} in UTF-8, as the row has it
 */
public record Origin(String listener, String source, Protocol protocol, byte[] listenerBytes, byte[] sourceBytes) {

    /** An origin with its names encoded once. */
    public static Origin of(String listener, String source, Protocol protocol) {
        return new Origin(listener, source, protocol, listener.getBytes(UTF_8), source.getBytes(UTF_8));
    }
}
