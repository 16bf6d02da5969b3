package dev.sluice.listen.intake;

import dev.sluice.event.Framer;
import dev.sluice.listen.budget.ReadAllowance;
import io.netty.util.concurrent.FastThreadLocal;

/**
 * What an event loop needs while it frames a read; one for all of its connections. Nothing in it outlives a use: each
 * begins with it empty, however the one before ended. What one shipper was to be told when its framer failed would
 * otherwise be told to the next.
 */
final class LoopScratch {

    private static final FastThreadLocal<LoopScratch> SCRATCH = new FastThreadLocal<>() {
        @Override
        protected LoopScratch initialValue() {
            return new LoopScratch();
        }
    };

    private final byte[] bytes = new byte[KeptBytes.COPIED_BYTES + ReadAllowance.READ_BYTES];
    private final FramedRead read = new FramedRead();
    private final Framer.Frame frame = new Framer.Frame();
    private final Framer.Frame aside = new Framer.Frame();

    private LoopScratch() {}

    /** That of this thread. */
    static LoopScratch get() {
        return SCRATCH.get();
    }

    /** Room for a read and a short incomplete frame before it; its content is arbitrary. */
    byte[] bytes() {
        return bytes;
    }

    FramedRead read() {
        read.clear();
        return read;
    }

    Framer.Frame frame() {
        frame.clear();
        return frame;
    }

    /** For what is said while a read is under way, whose replies are in the other. */
    Framer.Frame aside() {
        aside.clear();
        return aside;
    }
}
