package dev.sluice.protocol.forward;

import java.io.IOException;
import java.io.InputStream;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * Inflates gzip of any number of members (RFC 1952), because shippers join what they have compressed. The JDK's own
 * stream takes a broken second member for the end of the data, and so would lose it in silence.
 */
final class GzipMembers extends InputStream {

    private static final int HEADER_BYTES = 10;
    private static final int TRAILER_BYTES = 8;
    private static final int DEFLATE = 8;
    private static final int HAS_CRC = 2;
    private static final int HAS_EXTRA = 4;
    private static final int HAS_NAME = 8;
    private static final int HAS_COMMENT = 16;

    private final Inflater inflater = new Inflater(true);
    private final CRC32 crc = new CRC32();
    private final byte[] bytes;
    private final int to;
    private int at;
    private boolean inside;

    GzipMembers(byte[] bytes, int from, int to) {
        this.bytes = bytes;
        this.to = to;
        at = from;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        while (inside || at < to) {
            if (!inside) {
                begin();
            }
            int inflated = inflate(target, offset, length);
            if (inflated > 0) {
                return inflated;
            }
            if (!inflater.finished()) {
                throw new IOException("the compressed data breaks off");
            }
            finish();
        }
        return -1;
    }

    private void begin() throws IOException {
        if (to - at < HEADER_BYTES || bytes[at] != 0x1F || bytes[at + 1] != (byte) 0x8B || bytes[at + 2] != DEFLATE) {
            throw new IOException("not a gzip member");
        }
        int flags = bytes[at + 3];
        int next = at + HEADER_BYTES;
        if ((flags & HAS_EXTRA) != 0) {
            next += 2 + (unsigned(next) | unsigned(next + 1) << Byte.SIZE);
        }
        next = (flags & HAS_NAME) == 0 ? next : afterNul(next);
        next = (flags & HAS_COMMENT) == 0 ? next : afterNul(next);
        next += (flags & HAS_CRC) == 0 ? 0 : 2;
        if (next > to) {
            throw new IOException("the gzip header breaks off");
        }
        at = next;
        inflater.reset();
        inflater.setInput(bytes, at, to - at);
        crc.reset();
        inside = true;
    }

    private int inflate(byte[] target, int offset, int length) throws IOException {
        try {
            int inflated = inflater.inflate(target, offset, length);
            crc.update(target, offset, inflated);
            return inflated;
        } catch (DataFormatException broken) {
            throw new IOException(broken.getMessage(), broken);
        }
    }

    private void finish() throws IOException {
        int trailer = to - inflater.getRemaining();
        if (to - trailer < TRAILER_BYTES
                || little(trailer) != (int) crc.getValue()
                || little(trailer + Integer.BYTES) != (int) inflater.getBytesWritten()) {
            throw new IOException("the gzip checksum is wrong");
        }
        at = trailer + TRAILER_BYTES;
        inside = false;
    }

    private int afterNul(int from) {
        int i = from;
        while (i < to && bytes[i] != 0) {
            i++;
        }
        return i + 1;
    }

    private int unsigned(int place) {
        return place < to ? bytes[place] & 0xFF : 0;
    }

    private int little(int place) {
        return unsigned(place)
                | unsigned(place + 1) << Byte.SIZE
                | unsigned(place + 2) << (2 * Byte.SIZE)
                | unsigned(place + 3) << (3 * Byte.SIZE);
    }

    @Override
    public int read() {
        throw new UnsupportedOperationException("it is read an array at a time");
    }

    @Override
    public void close() {
        inflater.end();
    }
}
