package dev.sluice.simulation;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A row that came by binary COPY.
 *
 * @param name of the event in it: each event of a simulation has its own
 * @param text the column that has it
 * @param receivedAt its first column
 * @param valuesHex what follows the two times of an event, as it came
 */
record CopiedRow(String name, String text, long receivedAt, String valuesHex) {

    private static final int HEADER_BYTES = 19;
    private static final int EVENT_COLUMNS = 12;
    private static final int MESSAGE = 8;
    private static final int PAYLOAD = 6;
    private static final int TIMES_BYTES = Short.BYTES + 2 * (Integer.BYTES + Long.BYTES);
    private static final Pattern NAME = Pattern.compile("event-\\d+(?= )");

    /** All rows, from the header to the trailer; anything that is not the format is a fault of the sender. */
    static List<CopiedRow> parse(ByteBuf data, boolean events) {
        List<CopiedRow> rows = new ArrayList<>();
        data.skipBytes(HEADER_BYTES);
        for (int columns = data.readShort(); columns >= 0; columns = data.readShort()) {
            if (events && columns != EVENT_COLUMNS) {
                throw new SimulationFailure("a row of log_event with " + columns + " columns");
            }
            rows.add(row(data, columns, events ? MESSAGE : PAYLOAD));
        }
        if (data.isReadable()) {
            throw new SimulationFailure("bytes after the trailer of a COPY");
        }
        return rows;
    }

    private static CopiedRow row(ByteBuf data, int columns, int named) {
        int start = data.readerIndex() - Short.BYTES;
        String text = "";
        for (int column = 0; column < columns; column++) {
            int length = Math.max(data.readInt(), 0);
            if (column == named) {
                text = data.toString(data.readerIndex(), length, UTF_8);
            }
            data.skipBytes(length);
        }
        Matcher name = NAME.matcher(text);
        int values = start + TIMES_BYTES;
        return new CopiedRow(
                name.find() ? name.group() : "",
                text,
                data.getLong(start + Short.BYTES + Integer.BYTES),
                "\\x" + ByteBufUtil.hexDump(data, values, Math.max(0, data.readerIndex() - values)));
    }
}
