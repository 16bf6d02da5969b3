/**
 * The vocabulary of every stage: what a frame, an event, a delivery, a frame batch and encoded rows are, and the ports
 * through which the stages are joined without knowing each other.
 *
 * <p>In and out: nothing; this package depends on the JDK and {@link dev.sluice.text} alone. It holds nothing by
 * itself: a {@link dev.sluice.event.LogEvent} is one reused flyweight a worker, a {@link dev.sluice.event.FrameBatch}
 * is at most one gathering of the listener, and {@link dev.sluice.event.Rows} are what one frame batch became.
 */
@NullMarked
package dev.sluice.event;

import org.jspecify.annotations.NullMarked;
