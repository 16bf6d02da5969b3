package dev.sluice.listen;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelConfig;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.util.UncheckedBooleanSupplier;

/**
 * Asks the connection, at the very moment of a read, how many bytes it may take: the only place where Netty lets a read
 * be bounded by the budget. One buffer a read; the channel reads again when the connection asks again.
 */
record ReadSizer(ShipperConnection connection) implements RecvByteBufAllocator {

    @Override
    @SuppressWarnings("deprecation") // the interface's only method; the channel uses its extended handle
    public ExtendedHandle newHandle() {
        return new OneRead(connection);
    }

    private static final class OneRead implements ExtendedHandle {
        private final ShipperConnection connection;
        private int attempted;
        private int last;

        OneRead(ShipperConnection connection) {
            this.connection = connection;
        }

        @Override
        public ByteBuf allocate(ByteBufAllocator allocator) {
            int bytes = connection.readBytesMax();
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
            connection.readEnded();
        }
    }
}
