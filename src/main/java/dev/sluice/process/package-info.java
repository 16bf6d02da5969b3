/**
 * The worker rail: decodes the frames of a frame batch, lets the processors see each event, and encodes rows. In comes
 * a {@link dev.sluice.event.FrameBatch}, out go the {@link dev.sluice.event.Rows} it became.
 *
 * <p>A worker holds one frame batch, the rows it becomes, one reused event and its encoder's array; what that can be at
 * most is counted in the row share of the budget before the frame batch is handed over.
 */
@NullMarked
package dev.sluice.process;

import org.jspecify.annotations.NullMarked;
