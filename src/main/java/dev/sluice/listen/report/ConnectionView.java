package dev.sluice.listen.report;

import dev.sluice.event.Origin;
import dev.sluice.listen.report.ListenObserver.Wait;
import org.jspecify.annotations.Nullable;

/**
 * How a shipper's connection is, as any thread may look at it while its event loop goes on: a figure may be one read
 * old.
 *
 * @param origin who sends, and what it speaks as far as that is known
 * @param waits what it waits for while its reads are stopped; null while it may send
 * @param lastReadNanos when it last read, by {@link System#nanoTime}: it waits, or is quiet, since then
 * @param bytes what it has sent
 */
public record ConnectionView(Origin origin, @Nullable Wait waits, long lastReadNanos, long bytes) {}
