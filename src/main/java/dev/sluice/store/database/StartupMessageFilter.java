package dev.sluice.store.database;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import java.nio.charset.StandardCharsets;

/**
 * Leaves {@code extra_float_digits} out of the driver's first message. A PgBouncer with its default configuration
 * refuses it ({@code https://github.com/pgbouncer/pgbouncer/issues/482}), the driver always sends it, and nothing is
 * lost without it: since PostgreSQL 12 numbers are told exactly by default
 * ({@code https://github.com/pgjdbc/pgjdbc/issues/3432}, where the other driver gave it up). With TLS it stands above
 * the encryption, because the driver adds that before it.
 */
final class StartupMessageFilter extends ChannelOutboundHandlerAdapter {

    static final String LEFT_OUT = "extra_float_digits";

    private static final int VERSION_3 = 3 << Short.SIZE;
    private static final int HEADER_BYTES = 2 * Integer.BYTES;

    @Override
    @SuppressWarnings("FutureReturnValueIgnored") // the promise tells
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
        context.write(message instanceof ByteBuf bytes ? filtered(context.alloc(), bytes) : message, promise);
        context.pipeline().remove(this);
    }

    private static ByteBuf filtered(ByteBufAllocator allocator, ByteBuf message) {
        int length = message.readableBytes();
        int start = message.readerIndex();
        if (length <= HEADER_BYTES
                || message.getInt(start) != length
                || message.getInt(start + Integer.BYTES) != VERSION_3) {
            return message; // a query to a name server
        }
        int from = start + HEADER_BYTES;
        while (message.getByte(from) != 0) {
            int value = endOfText(message, from);
            int end = endOfText(message, value);
            if (LEFT_OUT.contentEquals(message.getCharSequence(from, value - from - 1, StandardCharsets.UTF_8))) {
                return without(allocator, message, from, end);
            }
            from = end;
        }
        return message;
    }

    private static int endOfText(ByteBuf message, int from) {
        return message.indexOf(from, message.writerIndex(), (byte) 0) + 1;
    }

    private static ByteBuf without(ByteBufAllocator allocator, ByteBuf message, int from, int end) {
        try {
            int start = message.readerIndex() + Integer.BYTES;
            int length = message.readableBytes() - (end - from);
            return allocator
                    .ioBuffer(length)
                    .writeInt(length)
                    .writeBytes(message, start, from - start)
                    .writeBytes(message, end, message.writerIndex() - end);
        } finally {
            message.release();
        }
    }
}
