package dev.sluice.protocol.forward;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.sluice.protocol.forward.MsgPackHead.Kind;
import dev.sluice.text.Ascii;
import dev.sluice.text.ByteWriter;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Where the parts of one whole Forward message are: {@code [tag, entries, option?]} or {@code [tag, time, record,
 * option?]}. What the second element is tells which; strings are as good as binary, because Fluentd sends entries as a
 * string.
 *
 * @param tagFrom where the text of the tag is
 * @param body where the second element starts
 * @param compression how the entries are packed
 * @param chunkFrom where the value of the option {@code chunk} is, with its start; both are 0 when there is none
 */
record ForwardMessage(
        Carrier carrier, int tagFrom, int tagTo, int body, Compression compression, int chunkFrom, int chunkTo) {

    /** How a message carries its entries. */
    enum Carrier {
        /** One entry, its time and record among the elements. */
        MESSAGE,
        /** An array of entries. */
        FORWARD,
        /** Entries one after the other in a string. */
        PACKED
    }

    /** What a packed message is packed with. */
    enum Compression {
        NONE,
        GZIP,
        ZSTD,
        UNKNOWN
    }

    static final int ELEMENTS_MIN = 2;
    static final int ELEMENTS_MAX = 4;

    /** The longest id of a chunk with its start: shippers' have 24 to 130 bytes. It is kept until it is answered. */
    static final int CHUNK_BYTES_MAX = 256;

    private static final byte[] ACK = {(byte) 0x81, (byte) 0xA3, 'a', 'c', 'k'};
    private static final byte[] CHUNK = "chunk".getBytes(US_ASCII);
    private static final byte[] COMPRESSED = "compressed".getBytes(US_ASCII);

    /** Finds the parts of the well-formed value that fills {@code bytes[from, to)}, or null if it is no message. */
    static @Nullable ForwardMessage read(byte[] bytes, int from, int to) {
        MsgPackHead head = new MsgPackHead();
        if (!head.read(bytes, from, to) || head.kind() != Kind.ARRAY || head.children() > ELEMENTS_MAX) {
            return null;
        }
        int elements = (int) head.children();
        int tag = from + head.size();
        if (elements < ELEMENTS_MIN || !head.read(bytes, tag, to) || !head.isText()) {
            return null;
        }
        int tagFrom = tag + head.size();
        int body = tagFrom + (int) head.payload();
        Carrier carrier = carrier(bytes, body, to, head);
        int before = carrier == Carrier.MESSAGE ? 3 : 2;
        if (elements < before) {
            return null;
        }
        int option = MsgPack.end(bytes, body, to, head);
        if (carrier == Carrier.MESSAGE) {
            option = MsgPack.end(bytes, option, to, head);
        }
        Options options = new Options();
        if (elements > before && !options.read(bytes, option, to, head)) {
            return null;
        }
        return new ForwardMessage(
                carrier, tagFrom, body, body, options.compression, options.chunkFrom, options.chunkTo);
    }

    private static Carrier carrier(byte[] bytes, int body, int to, MsgPackHead head) {
        head.read(bytes, body, to);
        if (head.isText()) {
            // Entries never begin with a digit, times that were written as text do.
            boolean digit = head.payload() > 0 && Ascii.isDigit(bytes[body + head.size()]);
            return digit ? Carrier.MESSAGE : Carrier.PACKED;
        }
        // A time may be an array, too, with metadata; an entry always is one.
        boolean entries = head.kind() == Kind.ARRAY
                && (head.children() == 0 || (head.read(bytes, body + head.size(), to) && head.kind() == Kind.ARRAY));
        return entries ? Carrier.FORWARD : Carrier.MESSAGE;
    }

    /** Whether the shipper wants to hear when it is stored. */
    boolean hasChunk() {
        return chunkTo > 0;
    }

    /** Whether the id is longer than any shipper's. */
    boolean isChunkTooLong() {
        return chunkTo - chunkFrom > CHUNK_BYTES_MAX;
    }

    /** Writes the answer that the shipper waits for: its own bytes, whatever they are. */
    void acknowledge(byte[] bytes, ByteWriter reply) {
        reply.put(ACK);
        reply.put(bytes, chunkFrom, chunkTo - chunkFrom);
    }

    /** The tag and the chunk as bytes that no other pair has. */
    byte[] identity(byte[] bytes) {
        ByteWriter out = new ByteWriter(Integer.BYTES + tagTo - tagFrom + chunkTo - chunkFrom);
        out.putInt(tagTo - tagFrom);
        out.put(bytes, tagFrom, tagTo - tagFrom);
        out.put(bytes, chunkFrom, chunkTo - chunkFrom);
        return out.toByteArray();
    }

    private static final class Options {
        private static final int NAME_BYTES_MAX = 8;

        private Compression compression = Compression.NONE;
        private int chunkFrom;
        private int chunkTo;

        boolean read(byte[] bytes, int from, int to, MsgPackHead head) {
            head.read(bytes, from, to);
            if (head.kind() != Kind.MAP) {
                return head.kind() == Kind.NIL;
            }
            long pairs = head.children() / 2;
            int at = from + head.size();
            for (long i = 0; i < pairs; i++) {
                int value = MsgPack.end(bytes, at, to, head);
                int end = MsgPack.end(bytes, value, to, head);
                if (isText(bytes, at, value, CHUNK, head)) {
                    head.read(bytes, value, to);
                    chunkFrom = value;
                    chunkTo = head.kind() == Kind.NIL ? 0 : end;
                } else if (isText(bytes, at, value, COMPRESSED, head)) {
                    compression = compression(bytes, value, end, head);
                }
                at = end;
            }
            return true;
        }

        private static Compression compression(byte[] bytes, int from, int to, MsgPackHead head) {
            head.read(bytes, from, to);
            if (head.kind() == Kind.NIL) {
                return Compression.NONE;
            }
            boolean isName = head.isText() && head.payload() <= NAME_BYTES_MAX;
            String name = isName ? new String(bytes, from + head.size(), to - from - head.size(), US_ASCII) : "";
            return switch (name) {
                case "text" -> Compression.NONE;
                case "gzip" -> Compression.GZIP;
                case "zstd" -> Compression.ZSTD;
                default -> Compression.UNKNOWN;
            };
        }

        private static boolean isText(byte[] bytes, int from, int to, byte[] text, MsgPackHead head) {
            return head.read(bytes, from, to)
                    && head.isText()
                    && Arrays.equals(bytes, from + head.size(), to, text, 0, text.length);
        }
    }
}
