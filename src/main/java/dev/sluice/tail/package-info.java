/**
 * Events shown to those who look, as they come out of the rules.
 *
 * <p>In: events, from the workers, while somebody looks; nothing else passes here. Out: lines of JSON. It holds at most
 * {@link dev.sluice.tail.TailListener#BYTES_MAX} for each who looks, and makes no worker wait: who is slow loses events
 * and is told how many.
 */
@NullMarked
package dev.sluice.tail;

import org.jspecify.annotations.NullMarked;
