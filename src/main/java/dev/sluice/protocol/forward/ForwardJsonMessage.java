package dev.sluice.protocol.forward;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.sluice.text.ByteWriter;
import dev.sluice.text.JsonFlags;
import dev.sluice.text.JsonMember;
import dev.sluice.text.JsonScanner;
import dev.sluice.text.JsonSyntax;
import org.jspecify.annotations.Nullable;

/**
 * Where the parts of one whole Forward message are that came as JSON: {@code ["tag", time, {record}, {option}?]} or
 * {@code ["tag", [[time, {record}], ..], {option}?]}. There are no packed entries: JSON has no bytes.
 *
 * @param tagFrom where the tag's string starts, quote included
 * @param body where the array of entries is, or the time and the record with what stands between them
 * @param isForward whether the body is an array of entries
 * @param chunkFrom where the string of the option {@code chunk} is, quotes included; both are 0 when there is none
 */
record ForwardJsonMessage(int tagFrom, int tagTo, int body, int bodyTo, boolean isForward, int chunkFrom, int chunkTo) {

    /** Deeper than any record may be: what is too deep is said of the record, not of the message. */
    static final JsonScanner SCANNER = new JsonScanner(520);

    private static final byte[] ACK = "{\"ack\":".getBytes(US_ASCII);
    private static final byte[] CHUNK = "\"chunk\"".getBytes(US_ASCII);

    /** Finds the parts of what fills {@code bytes[from, to)}, or null if it is no message. */
    static @Nullable ForwardJsonMessage read(byte[] bytes, int from, int to) {
        int[] starts = new int[ForwardMessage.ELEMENTS_MAX];
        int[] ends = new int[ForwardMessage.ELEMENTS_MAX];
        int count = elements(bytes, from, to, starts, ends);
        if (count < ForwardMessage.ELEMENTS_MIN || bytes[starts[0]] != '"') {
            return null;
        }
        boolean isForward = bytes[starts[1]] == '[';
        int before = isForward ? 2 : 3;
        if (count < before || count > before + 1) {
            return null;
        }
        int[] chunk = new int[2];
        if (count > before && !isOption(bytes, starts[before], ends[before], chunk)) {
            return null;
        }
        return new ForwardJsonMessage(starts[0], ends[0], starts[1], ends[before - 1], isForward, chunk[0], chunk[1]);
    }

    /** The elements of the array that fills {@code bytes[from, to)}: how many, or -1 if it is none or has too many. */
    private static int elements(byte[] bytes, int from, int to, int[] starts, int[] ends) {
        JsonFlags ignored = new JsonFlags();
        int count = 0;
        int i = JsonSyntax.spaceEnd(bytes, from + 1, to);
        while (count < starts.length) {
            int end = SCANNER.value(bytes, i, to, 1, ignored);
            if (end < 0) {
                return -1;
            }
            starts[count] = i;
            ends[count++] = end;
            i = JsonSyntax.spaceEnd(bytes, end, to);
            if (i == to || bytes[i] != ',') {
                return i == to - 1 && bytes[i] == ']' ? count : -1;
            }
            i = JsonSyntax.spaceEnd(bytes, i + 1, to);
        }
        return -1;
    }

    private static boolean isOption(byte[] bytes, int from, int to, int[] chunk) {
        if (bytes[from] != '{') {
            return bytes[from] == 'n';
        }
        JsonMember member = new JsonMember();
        int i = JsonSyntax.spaceEnd(bytes, from + 1, to);
        while (bytes[i] == '"') {
            i = member.next(bytes, i, to, SCANNER);
            if (member.isText(bytes) && member.hasKey(CHUNK, bytes)) {
                chunk[0] = member.valueFrom();
                chunk[1] = member.valueTo();
            }
        }
        return true;
    }

    /** Whether the shipper wants to hear when it is stored. */
    boolean hasChunk() {
        return chunkTo > 0;
    }

    /** Whether the id is longer than any shipper's. */
    boolean isChunkTooLong() {
        return chunkTo - chunkFrom > ForwardMessage.CHUNK_BYTES_MAX;
    }

    /** Writes the answer that the shipper waits for, as JSON, too. */
    void acknowledge(byte[] bytes, ByteWriter reply) {
        reply.put(ACK);
        reply.put(bytes, chunkFrom, chunkTo - chunkFrom);
        reply.put('}');
    }

    /** The tag and the chunk as bytes that no other pair has. */
    byte[] identity(byte[] bytes) {
        ByteWriter out = new ByteWriter(tagTo - tagFrom + chunkTo - chunkFrom);
        out.put(bytes, tagFrom, tagTo - tagFrom);
        out.put(bytes, chunkFrom, chunkTo - chunkFrom);
        return out.toByteArray();
    }
}
