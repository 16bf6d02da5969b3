package dev.sluice.listen.intake;

import dev.sluice.event.FrameBatch;
import dev.sluice.event.Framer;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;

/** Numbers the pieces of frames that are refused, so that the dead letters of one can be joined again. */
final class FramePieces {

    private static final UUID NONE = new UUID(0, 0);

    private UUID frame = NONE;
    private int number;

    /** Which piece of which frame it is that was found. */
    FrameBatch.Piece next(Framer.Frame found) {
        if (!found.isRest()) {
            ThreadLocalRandom random = ThreadLocalRandom.current();
            frame = new UUID(random.nextLong(), random.nextLong());
            number = 0;
        }
        return new FrameBatch.Piece(frame, ++number, found.isEnd());
    }
}
