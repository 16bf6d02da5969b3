package dev.sluice.simulation;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.store.copy.CopyFormat;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.List;
import java.util.function.Consumer;

/** What a client of PostgreSQL says, in version 3 of its protocol. */
final class ClientMessages {

    private static final int VERSION = 3 << 16;
    private static final long TIME = 850_000_000_000_000L;
    private static final int MESSAGE = 8;

    private ClientMessages() {}

    static ByteBuf startup(String user, String database) {
        byte[] settings = ("user\0" + user + "\0database\0" + database + "\0\0").getBytes(UTF_8);
        return Unpooled.buffer()
                .writeInt(settings.length + 2 * Integer.BYTES)
                .writeInt(VERSION)
                .writeBytes(settings);
    }

    static ByteBuf query(String sql) {
        return message('Q', out -> out.writeBytes((sql + "\0").getBytes(UTF_8)));
    }

    /** The whole of a COPY of events. */
    static ByteBuf copy(List<String> messages) {
        ByteBuf rows = Unpooled.buffer().writeBytes(CopyFormat.header());
        messages.forEach(text -> row(rows, text));
        rows.writeBytes(CopyFormat.trailer());
        return message('d', out -> out.writeBytes(rows)).writeBytes(message('c', out -> {}));
    }

    private static void row(ByteBuf out, String text) {
        out.writeShort(CopyFormat.EVENT_COLUMN_COUNT);
        for (int column = 0; column < CopyFormat.EVENT_COLUMN_COUNT; column++) {
            switch (column) {
                case 0, 1 -> out.writeInt(Long.BYTES).writeLong(TIME);
                case MESSAGE -> value(out, text);
                case CopyFormat.EVENT_COLUMN_COUNT - 2, CopyFormat.EVENT_COLUMN_COUNT - 1 -> value(out, "here");
                default -> out.writeInt(CopyFormat.NULL);
            }
        }
    }

    private static void value(ByteBuf out, String text) {
        byte[] bytes = text.getBytes(UTF_8);
        out.writeInt(bytes.length).writeBytes(bytes);
    }

    static ByteBuf message(char type, Consumer<ByteBuf> body) {
        ByteBuf out = Unpooled.buffer().writeByte(type).writeInt(0);
        body.accept(out);
        return out.setInt(1, out.readableBytes() - 1);
    }
}
