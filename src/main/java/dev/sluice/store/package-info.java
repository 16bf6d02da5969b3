/**
 * Batches, lanes, COPY, the ledger, dead letters, partitions and the schema: everything that talks to PostgreSQL.
 *
 * <p>In: encoded rows. Out: committed transactions and the acks that follow them. It holds the batches that wait for a
 * lane or are on one, bounded by the budget.
 */
@NullMarked
package dev.sluice.store;

import org.jspecify.annotations.NullMarked;
