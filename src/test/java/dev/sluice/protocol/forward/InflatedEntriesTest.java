package dev.sluice.protocol.forward;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.protocol.MsgPackBytes;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;

/** The work for inflated entries grows with them, however they come out of the inflater. */
class InflatedEntriesTest {

    private static final int EVENT_BYTES_MAX = 256 * 1024;

    @Test
    void aMemberAByteIsNotLookedAtByteByByte() throws IOException {
        long once = looked(entries(1, 64 * 1024), EVENT_BYTES_MAX);
        long twice = looked(entries(1, 128 * 1024), EVENT_BYTES_MAX);
        long four = looked(entries(1, 255 * 1024), EVENT_BYTES_MAX);
        assertThat(twice).isLessThan(3 * once);
        assertThat(four).isLessThan(3 * twice).isLessThan(4 * 255 * 1024);
    }

    @Test
    void manyEntriesAreLookedAtTwiceAtMost() throws IOException {
        assertThat(looked(entries(5000, 1), EVENT_BYTES_MAX)).isLessThan(2 * 5000 * 5);
    }

    @Test
    void allEntriesOfAllMembersComeOut() throws IOException {
        byte[] stream = members(entries(10, 700));
        int[] decoded = new int[1];
        boolean whole = new InflatedEntries(new GzipMembers(stream, 0, stream.length), stream.length, 1 << 20)
                .decode(
                        (bytes, from, to) -> {
                            int end = end(bytes, from, to);
                            decoded[0] += end - from;
                            return end;
                        },
                        inflated -> {});
        assertThat(whole).isTrue();
        assertThat(decoded[0]).isEqualTo(10 * (700 + 5));
    }

    /** A flood of chunks that hold nothing would cost 64 KB each. */
    @Test
    void whatIsShortGetsALittleWindow() throws IOException {
        assertThat(windowOf(20)).isEqualTo(512);
        assertThat(windowOf(1000)).isEqualTo(16_000);
        assertThat(windowOf(1 << 20)).isEqualTo(InflatedEntries.WINDOW_BYTES);
    }

    private static int windowOf(int compressed) throws IOException {
        int[] asked = new int[1];
        InputStream empty = new ByteArrayInputStream(new byte[0]) {
            @Override
            public int read(byte[] target, int offset, int length) {
                asked[0] = length;
                return -1;
            }
        };
        new InflatedEntries(empty, compressed, EVENT_BYTES_MAX).decode((bytes, from, to) -> to, inflated -> {});
        return asked[0];
    }

    /** Bytes that were presented to the decoder, each as often as it was. */
    private static long looked(byte[] entries, int eventBytesMax) throws IOException {
        long[] looked = new long[1];
        new InflatedEntries(new ByteByByte(entries), entries.length, eventBytesMax)
                .decode(
                        (bytes, from, to) -> {
                            looked[0] += to - from;
                            return end(bytes, from, to);
                        },
                        inflated -> {});
        return looked[0];
    }

    private static int end(byte[] bytes, int from, int to) {
        MsgPackHead head = new MsgPackHead();
        int at = from;
        for (int end = MsgPack.end(bytes, at, to, head); at < to && end >= 0; end = MsgPack.end(bytes, at, to, head)) {
            at = end;
        }
        return at;
    }

    private static byte[] entries(int count, int bytes) {
        byte[][] entries = new byte[count][];
        for (int i = 0; i < count; i++) {
            entries[i] = MsgPackBytes.of(new byte[bytes]);
        }
        return MsgPackBytes.join(entries);
    }

    private static byte[] members(byte[] bytes) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte b : bytes) {
            try (GZIPOutputStream member = new GZIPOutputStream(out)) {
                member.write(b);
            }
        }
        return out.toByteArray();
    }

    private static final class ByteByByte extends InputStream {
        private final InputStream bytes;

        ByteByByte(byte[] bytes) {
            this.bytes = new ByteArrayInputStream(bytes);
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            return bytes.read(target, offset, 1);
        }

        @Override
        public int read() throws IOException {
            return bytes.read();
        }
    }
}
