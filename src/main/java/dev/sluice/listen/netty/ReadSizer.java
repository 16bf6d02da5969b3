package dev.sluice.listen.netty;

import dev.sluice.listen.budget.ReadAllowance;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelConfig;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.util.UncheckedBooleanSupplier;

/**
 * Asks the connection, at the very moment of a read, how many bytes it may take: the only place where Netty lets a read
 * be bounded by the budget. One buffer a read; the channel reads again when the connection asks again. A channel keeps
 * its sizer for good, so whom it asks is what changes.
 */
public final class ReadSizer implements RecvByteBufAllocator {

    private ReadDemand demand;
    private boolean brought;

    public ReadSizer(ReadDemand first) {
        demand = first;
    }

    /** From here on {@code next} decides. */
    public void obey(ReadDemand next) {
        demand = next;
    }

    /** Whether anything came since it was asked last, or what came before waits for the service. */
    public boolean hasBrought() {
        boolean was = brought || demand.isHeldUp();
        brought = false;
        return was;
    }

    @Override
    @SuppressWarnings("deprecation") // the interface's only method; the channel uses its extended handle
    public ExtendedHandle newHandle() {
        return new OneRead();
    }

    private final class OneRead implements ExtendedHandle {
        private int attempted;
        private int last;

        @Override
        public ByteBuf allocate(ByteBufAllocator allocator) {
            int bytes = demand.readBytesMax();
            return allocator.ioBuffer(bytes, bytes);
        }

        @Override
        public int guess() {
            return ReadAllowance.READ_BYTES;
        }

        @Override
        public void reset(ChannelConfig config) {
            attempted = 0;
            last = 0;
        }

        @Override
        public void incMessagesRead(int messages) {
            // one message a read: nothing to count
        }

        @Override
        public void lastBytesRead(int bytes) {
            // A read of no bytes was refused by us; the socket reports it like the end of the stream.
            last = attempted == 0 ? 0 : bytes;
            brought |= last > 0;
        }

        @Override
        public int lastBytesRead() {
            return last;
        }

        @Override
        public void attemptedBytesRead(int bytes) {
            attempted = bytes;
        }

        @Override
        public int attemptedBytesRead() {
            return attempted;
        }

        @Override
        public boolean continueReading() {
            return false;
        }

        @Override
        public boolean continueReading(UncheckedBooleanSupplier maybeMoreData) {
            return false;
        }

        @Override
        public void readComplete() {
            demand.readEnded();
        }
    }
}
