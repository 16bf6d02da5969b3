package dev.sluice.listen;

import org.jspecify.annotations.Nullable;

/**
 * Who sends by a connection.
 *
 * @param source the name of its certificate, else its address
 * @param rate what it shares with the other connections of its address, where a rate is limited
 */
record Shipper(String source, @Nullable SourceRate rate) {}
