package dev.sluice.protocol.lumberjack;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.util.zip.Deflater;

/** Frames of Lumberjack, as a shipper writes them. */
public final class LumberjackWire {

    private LumberjackWire() {}

    /** A window of so many events. */
    public static byte[] window(int events) {
        return ByteBuffer.allocate(6)
                .put((byte) '2')
                .put((byte) 'W')
                .putInt(events)
                .array();
    }

    /** An event of version 2. */
    public static byte[] json(int sequence, String text) {
        byte[] payload = text.getBytes(UTF_8);
        return ByteBuffer.allocate(10 + payload.length)
                .put((byte) '2')
                .put((byte) 'J')
                .putInt(sequence)
                .putInt(payload.length)
                .put(payload)
                .array();
    }

    /** An event of version 1. */
    public static byte[] pairs(int sequence, String... keysAndValues) {
        ByteBuffer frame = ByteBuffer.allocate(4096);
        frame.put((byte) '1').put((byte) 'D').putInt(sequence).putInt(keysAndValues.length / 2);
        for (String text : keysAndValues) {
            byte[] bytes = text.getBytes(UTF_8);
            frame.putInt(bytes.length).put(bytes);
        }
        return toArray(frame.flip());
    }

    /** Frames in a compressed one. */
    public static byte[] compressed(byte[]... frames) {
        byte[] inner = join(frames);
        Deflater deflater = new Deflater();
        try {
            deflater.setInput(inner);
            deflater.finish();
            byte[] packed = new byte[inner.length + 100];
            int length = deflater.deflate(packed);
            return ByteBuffer.allocate(6 + length)
                    .put((byte) '2')
                    .put((byte) 'C')
                    .putInt(length)
                    .put(packed, 0, length)
                    .array();
        } finally {
            deflater.end();
        }
    }

    /** One after the other. */
    public static byte[] join(byte[]... frames) {
        int size = 0;
        for (byte[] frame : frames) {
            size += frame.length;
        }
        ByteBuffer all = ByteBuffer.allocate(size);
        for (byte[] frame : frames) {
            all.put(frame);
        }
        return all.array();
    }

    private static byte[] toArray(ByteBuffer frame) {
        byte[] bytes = new byte[frame.remaining()];
        frame.get(bytes);
        return bytes;
    }
}
