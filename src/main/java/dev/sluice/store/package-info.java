/**
 * The last stage: encoded rows come in, committed batches go out.
 *
 * <p>A batch is formed when a lane is free and takes what has gathered; it is written in one transaction together with
 * its ledger row, so that a retry is harmless whatever happened to the reply of a COMMIT. A failed batch is retried for
 * ever, as the same bytes; a row that PostgreSQL refuses becomes a dead letter.
 *
 * <p>Holds at most, in bytes of rows: one gathered batch and one frame batch's rows beyond it, and one batch a lane;
 * that is {@code (lanes + 1) * maxBytes} and a frame batch. While a lane writes, rows that came in pieces smaller than
 * a CopyData message are copied together, up to 32 messages ahead of the socket. Bisecting copies no rows. The driver
 * adds one CopyData message of 64 KiB a lane, in direct memory.
 */
@NullMarked
package dev.sluice.store;

import org.jspecify.annotations.NullMarked;
