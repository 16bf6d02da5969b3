package dev.sluice.simulation;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** What a server of PostgreSQL said, in words that can be compared: what it did and not how it says it. */
final class Transcript {

    private final ByteBuf input = Unpooled.buffer();
    private final List<String> lines = new ArrayList<>();
    private final List<String> rows = new ArrayList<>();
    private boolean isOver;

    void add(ByteBuf bytes) {
        input.writeBytes(bytes);
        while (input.readableBytes() > Integer.BYTES && input.readableBytes() > input.getInt(input.readerIndex() + 1)) {
            char type = (char) input.readByte();
            message(type, input.readSlice(input.readInt() - Integer.BYTES));
        }
    }

    private void message(char type, ByteBuf body) {
        switch (type) {
            case 'D' -> rows.add(ByteBufUtil.hexDump(body));
            case 'C' -> {
                Collections.sort(rows); // no statement asks for an order
                lines.addAll(rows);
                rows.clear();
                lines.add(text(body));
            }
            case 'E', 'N' -> {
                rows.clear();
                lines.add(type + " " + state(body));
            }
            case 'G', 'Z' -> {
                lines.add(type + " " + (type == 'Z' ? (char) body.readByte() : ""));
                isOver = true;
            }
            default -> {
                // how columns are called, and what the session is set to
            }
        }
    }

    private static String state(ByteBuf body) {
        String state = "";
        for (byte field = body.readByte(); field != 0; field = body.readByte()) {
            String value = text(body);
            state = field == 'C' ? value : state;
        }
        return state;
    }

    private static String text(ByteBuf body) {
        String text = body.readCharSequence(body.bytesBefore((byte) 0), UTF_8).toString();
        body.skipBytes(1);
        return text;
    }

    /** It waits for the next message of its client. */
    boolean isOver() {
        return isOver;
    }

    /** Everything since the last time. */
    List<String> take() {
        isOver = false;
        List<String> taken = List.copyOf(lines);
        lines.clear();
        return taken;
    }
}
