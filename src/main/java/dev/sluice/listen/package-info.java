/**
 * The first stage: sockets, and the demand that governs them. In come bytes from shippers, out goes a
 * {@code Flux<FrameBatch>} of framed deliveries, as fast as the stages after it ask for it and no faster.
 *
 * <p>It holds at most the read share of {@link dev.sluice.listen.budget.MemoryBudget}, two small unreserved reads a
 * connection ({@link dev.sluice.listen.budget.MemoryBudget#UNRESERVED_READ_BYTES}), one longest frame as the reserve,
 * and one receive buffer and scratch array an event loop. No buffer of Netty's outlives the call that delivered it.
 */
@NullMarked
package dev.sluice.listen;

import org.jspecify.annotations.NullMarked;
