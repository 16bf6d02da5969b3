package dev.sluice;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;

/**
 * A connection that notes which records of TLS came, because the JDK's client takes a bare end of the stream for
 * {@code close_notify}.
 */
final class RecordedSocket extends Socket {

    private final List<String> records = new ArrayList<>();
    private final int[] header = new int[5];
    private int headerBytes;
    private int bodyBytes;

    RecordedSocket(int port) throws IOException {
        super("127.0.0.1", port);
        setSoTimeout(60_000);
    }

    /** Type and length of each record of which at least the header was read. */
    synchronized List<String> records() {
        return List.copyOf(records);
    }

    private synchronized void note(byte[] bytes, int from, int count) {
        for (int i = from; i < from + count; i++) {
            if (bodyBytes > 0) {
                bodyBytes--;
                continue;
            }
            header[headerBytes++] = Byte.toUnsignedInt(bytes[i]);
            if (headerBytes == header.length) {
                bodyBytes = header[3] << Byte.SIZE | header[4];
                headerBytes = 0;
                records.add(header[0] + ":" + bodyBytes);
            }
        }
    }

    @Override
    public InputStream getInputStream() throws IOException {
        return new FilterInputStream(super.getInputStream()) {
            @Override
            public int read() throws IOException {
                byte[] one = new byte[1];
                return read(one, 0, 1) < 0 ? -1 : Byte.toUnsignedInt(one[0]);
            }

            @Override
            public int read(byte[] bytes, int from, int most) throws IOException {
                int count = super.read(bytes, from, most);
                note(bytes, from, Math.max(0, count));
                return count;
            }
        };
    }
}
