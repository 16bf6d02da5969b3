package dev.sluice.listen;

import dev.sluice.event.Framer;
import dev.sluice.event.Origin;
import dev.sluice.event.Protocol;
import io.netty.buffer.ByteBuf;
import io.netty.util.concurrent.FastThreadLocal;
import java.time.Instant;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Turns the reads of one connection into framed reads: detects the protocol, frames, and keeps the bytes of an
 * incomplete frame until more come. On the connection's event loop only.
 */
final class FrameAssembler {

    /** Takes the frames that a read completed, or a part of them when they are very many. */
    interface Sink {
        void deliver(FramedRead read, long readNanos, long receivedAtMicros);
    }

    /** Up to here an incomplete frame is joined with a read by copying it in front; above, by appending to it. */
    private static final int COPIED_BYTES = 4 * 1024;

    private static final int KEPT_BYTES_MIN = 256;
    private static final byte[] NOTHING = new byte[0];

    /** What an event loop needs while it frames a read; everything is free again when the read ends. */
    private static final class Scratch {
        final byte[] bytes = new byte[COPIED_BYTES + ReadAllowance.READ_BYTES];
        final FramedRead read = new FramedRead();
        final Framer.Frame frame = new Framer.Frame();
    }

    private static final FastThreadLocal<Scratch> SCRATCH = new FastThreadLocal<>() {
        @Override
        protected Scratch initialValue() {
            return new Scratch();
        }
    };

    private final Framing framing;
    private final Sink sink;
    private Origin origin;
    private @Nullable Framer framer;
    private byte[] kept = NOTHING;
    private int keptBytes;
    private long readNanos;
    private long nextMicros;

    FrameAssembler(Framing framing, Origin undetected, Sink sink) {
        this.framing = framing;
        this.sink = sink;
        origin = undetected;
    }

    /** Who sends; the protocol is a guess until the first bytes told. */
    Origin origin() {
        return origin;
    }

    /** Whether the last read ended inside a frame. */
    boolean isInsideFrame() {
        return keptBytes > 0;
    }

    /** Bytes of heap that the incomplete frame takes. */
    int heldBytes() {
        return kept.length;
    }

    /** Frames what the buffer holds; returns how many events were completed. */
    int read(ByteBuf buffer, long nanos) {
        readNanos = nanos;
        int to = keptBytes + buffer.readableBytes();
        byte[] bytes;
        if (keptBytes <= COPIED_BYTES) {
            bytes = SCRATCH.get().bytes;
            System.arraycopy(kept, 0, bytes, 0, keptBytes);
        } else {
            if (kept.length < to) {
                kept = Arrays.copyOf(kept, Math.max(to, kept.length + kept.length / 2));
            }
            bytes = kept;
        }
        buffer.readBytes(bytes, keptBytes, buffer.readableBytes());
        return frame(bytes, to, false);
    }

    /** Frames what is left when nothing more will come; returns how many events that made. */
    int end() {
        return keptBytes == 0 ? 0 : frame(kept, keptBytes, true);
    }

    private int frame(byte[] bytes, int to, boolean last) {
        Framer known = framer == null ? detect(bytes, to, last) : framer;
        if (known == null) {
            keep(bytes, 0, to);
            return 0;
        }
        Scratch scratch = SCRATCH.get();
        FramedRead read = scratch.read;
        read.start(bytes);
        int events = 0;
        int at = 0;
        while (at < to) {
            Framer.Found found =
                    last ? known.last(bytes, at, to, scratch.frame) : known.next(bytes, at, to, scratch.frame);
            if (found == Framer.Found.INCOMPLETE) {
                break;
            }
            add(read, found, scratch.frame);
            at = scratch.frame.next();
            if (read.isFull()) {
                events += deliver(read);
                read.start(bytes);
            }
        }
        events += deliver(read);
        keep(bytes, at, to);
        return events;
    }

    private @Nullable Framer detect(byte[] bytes, int to, boolean last) {
        Protocol protocol = framing.detect(bytes, 0, to);
        if (protocol == null && last) {
            protocol = origin.protocol();
        }
        if (protocol != null) {
            origin = Origin.of(origin.listener(), origin.source(), protocol);
            framer = framing.framer(protocol);
        }
        return framer;
    }

    private static void add(FramedRead read, Framer.Found found, Framer.Frame frame) {
        switch (found) {
            case FRAME -> read.frame(frame.from(), frame.to());
            case REJECTED -> read.reject(frame.reason(), frame.from(), frame.to());
            case SKIPPED, INCOMPLETE -> {
                // nothing to deliver
            }
        }
    }

    private int deliver(FramedRead read) {
        if (read.isEmpty()) {
            return 0;
        }
        Instant now = Instant.now();
        long micros = now.getEpochSecond() * 1_000_000 + now.getNano() / 1000;
        long receivedAt = Math.max(micros, nextMicros);
        nextMicros = receivedAt + read.events();
        sink.deliver(read, readNanos, receivedAt);
        return read.events();
    }

    private void keep(byte[] bytes, int from, int to) {
        keptBytes = to - from;
        if (keptBytes == 0) {
            kept = NOTHING;
            return;
        }
        boolean fits = kept.length >= keptBytes && kept.length <= Math.max(4 * keptBytes, KEPT_BYTES_MIN);
        byte[] target = fits ? kept : new byte[Math.max(keptBytes, KEPT_BYTES_MIN)];
        System.arraycopy(bytes, from, target, 0, keptBytes);
        kept = target;
    }
}
