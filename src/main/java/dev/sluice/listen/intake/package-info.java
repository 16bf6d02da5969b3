/** From the bytes of a read to batches of whole frames: the framing of a connection, and the queue to the workers. */
@NullMarked
package dev.sluice.listen.intake;

import org.jspecify.annotations.NullMarked;
