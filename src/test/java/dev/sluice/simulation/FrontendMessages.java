package dev.sluice.simulation;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayDeque;
import java.util.Queue;

/** What a client of PostgreSQL sends, cut into messages. */
final class FrontendMessages {

    private static final int LENGTH_BYTES = Integer.BYTES;

    record Message(char type, ByteBuf body) {}

    private final ByteBuf input = Unpooled.buffer();
    private final Queue<Message> messages = new ArrayDeque<>();

    void add(ByteBuf bytes) {
        input.writeBytes(bytes);
    }

    /** The first message has no type. False while it is not whole. */
    boolean skipLogin() {
        if (input.readableBytes() < LENGTH_BYTES || input.readableBytes() < input.getInt(input.readerIndex())) {
            return false;
        }
        input.skipBytes(input.getInt(input.readerIndex()));
        return true;
    }

    /** Null without a whole one. */
    Message poll() {
        while (input.readableBytes() > LENGTH_BYTES && input.readableBytes() > input.getInt(input.readerIndex() + 1)) {
            char type = (char) input.readByte();
            messages.add(new Message(type, Unpooled.copiedBuffer(input.readSlice(input.readInt() - LENGTH_BYTES))));
        }
        input.discardReadBytes();
        return messages.poll();
    }

    /** What was not taken is lost with its connection. */
    void clear() {
        messages.clear();
        input.clear();
    }
}
