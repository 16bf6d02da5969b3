package dev.sluice.listen;

import dev.sluice.event.Framer;
import dev.sluice.event.JsonSyntax;
import dev.sluice.event.Origin;
import dev.sluice.event.Protocol;
import dev.sluice.event.Reply;
import io.netty.buffer.ByteBuf;
import java.time.Instant;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Turns the reads of one connection into framed reads: detects the protocol, frames, and keeps the bytes of an
 * incomplete frame until more come. On the connection's event loop only.
 */
final class FrameAssembler {

    /** Takes what a read brought. */
    interface Sink {
        /** Takes the frames that a read completed, or a part of them when they are very many. */
        void deliver(FramedRead read, Origin origin, long readNanos, long receivedAtMicros);

        /** Takes a reply that waits for no frame. */
        void reply(Protocol protocol, Reply reply);

        /** Whether more can be taken at once; asked between the parts of what is unpacked. */
        boolean hasRoom();
    }

    /** How a conversation stands. */
    enum State {
        /** More may come. */
        OPEN,
        /** What was read is not framed to its end, because {@link Sink#hasRoom} said no. */
        PENDING,
        /** The conversation is over, by a goodbye. */
        GOODBYE,
        /** The conversation is over, by a mistake of the shipper's. */
        MALFORMED,
        /** What comes now is dropped: the shipper sends it again elsewhere. */
        DROPPING,
        /** The conversation is over, by a bug or for want of memory: nothing of it can be told any more. */
        FAILED
    }

    /** Up to here an incomplete frame is joined with a read by copying it in front; above, by appending to it. */
    static final int COPIED_BYTES = 4 * 1024;

    private static final int KEPT_BYTES_MIN = 256;
    private static final byte[] NOTHING = new byte[0];

    private final Framing framing;
    private final Sink sink;
    private Origin origin;
    private @Nullable Framer framer;
    private byte[] kept = NOTHING;
    private int keptBytes;
    private State state = State.OPEN;
    private long readNanos;
    private final ReceiveTimes receiveTimes = new ReceiveTimes();

    FrameAssembler(Framing framing, Origin undetected, Sink sink) {
        this.framing = framing;
        this.sink = sink;
        origin = undetected;
    }

    /** Who sends; the protocol is a guess until the first bytes told. */
    Origin origin() {
        return origin;
    }

    /** How the conversation stands. */
    State state() {
        return state;
    }

    /** Says what the protocol says first, if the listener has only one. */
    void greet() {
        Framer known = detect(NOTHING, 0, false);
        if (known != null) {
            Framer.Frame frame = LoopScratch.get().frame();
            known.greet(frame);
            reply(frame.takeReply());
        }
    }

    /** What keeps the shipper patient, or nothing. */
    Reply keepAlive() {
        Framer known = framer;
        if (known == null) {
            return Reply.NOTHING;
        }
        Framer.Frame aside = LoopScratch.get().aside();
        known.keepAlive(aside);
        return aside.takeReply();
    }

    /** Sends the shipper elsewhere. */
    void farewell() {
        Framer known = framer;
        if (known != null && (state == State.OPEN || state == State.PENDING)) {
            Framer.Frame frame = LoopScratch.get().frame();
            if (known.farewell(frame)) {
                drop(State.DROPPING);
            }
            reply(frame.takeReply());
        }
    }

    private void reply(Reply reply) {
        if (!reply.isEmpty()) {
            sink.reply(origin.protocol(), reply);
        }
    }

    private void drop(State why) {
        state = why;
        kept = NOTHING;
        keptBytes = 0;
    }

    /** Whether the last read ended inside a frame. */
    boolean isInsideFrame() {
        return keptBytes > 0;
    }

    /** Bytes of heap that the incomplete frame takes. */
    int heldBytes() {
        Framer known = framer;
        return known == null ? kept.length : kept.length + known.heldBytes();
    }

    /**
     * Frames what the buffer holds; returns how many events were completed.
     *
     * @param tight whether there is no room for more than the bytes themselves
     */
    int read(ByteBuf buffer, long nanos, boolean tight) {
        if (state != State.OPEN && state != State.PENDING) {
            return 0;
        }
        readNanos = nanos;
        int to = keptBytes + buffer.readableBytes();
        byte[] bytes;
        if (keptBytes <= COPIED_BYTES && state == State.OPEN) {
            bytes = LoopScratch.get().bytes();
            System.arraycopy(kept, 0, bytes, 0, keptBytes);
        } else {
            if (kept.length < to) {
                kept = Arrays.copyOf(kept, tight ? to : Math.max(to, kept.length + kept.length / 4));
            }
            bytes = kept;
        }
        buffer.readBytes(bytes, keptBytes, buffer.readableBytes());
        if (state == State.PENDING) {
            keptBytes = to; // Netty read uncalled, to see whether the shipper is gone
            return 0;
        }
        return frame(bytes, to, false);
    }

    /** Goes on with what was read while there was no room; returns how many events were completed. */
    int readOn(long nanos) {
        readNanos = nanos;
        if (state != State.PENDING) {
            return 0;
        }
        state = State.OPEN;
        return frame(kept, keptBytes, false);
    }

    /** Frames what is left when nothing more will come; returns how many events that made. */
    int end() {
        try {
            return keptBytes == 0 ? 0 : frame(kept, keptBytes, true);
        } finally {
            Framer known = framer;
            if (known != null) {
                known.close();
            }
        }
    }

    private int frame(byte[] bytes, int to, boolean last) {
        int events = -1;
        try {
            Framer known = framer == null ? detect(bytes, to, last) : framer;
            events = known == null ? undecided(bytes, to) : frame(known, bytes, to, last);
            return events;
        } finally {
            if (events < 0) {
                drop(State.FAILED); // its framer may have passed over what was not delivered
            }
        }
    }

    private int undecided(byte[] bytes, int to) {
        keep(bytes, JsonSyntax.spaceEnd(bytes, 0, to), to); // it decides nothing, however much comes
        return 0;
    }

    private int frame(Framer known, byte[] bytes, int to, boolean last) {
        Framer.Frame frame = LoopScratch.get().frame();
        FramedRead read = LoopScratch.get().read();
        read.start(bytes);
        int events = 0;
        int at = 0;
        while (at < to && state == State.OPEN) {
            Framer.Found found = last ? known.last(bytes, at, to, frame) : known.next(bytes, at, to, frame);
            if (found == Framer.Found.INCOMPLETE) {
                break;
            }
            at = frame.next();
            events += switchTo(frame.arrayOr(bytes), read);
            if (frame.isAlone()) {
                events += deliver(read, Reply.NOTHING);
                read.start(read.bytes());
            }
            add(read, found, frame);
            if (read.isFull() || frame.isAlone()) {
                events += deliver(read, frame.takeReply());
                read.start(read.bytes());
            }
        }
        events += deliver(read, frame.takeReply());
        read.clear();
        if (state == State.OPEN || state == State.PENDING) {
            keep(bytes, at, to);
        } else {
            drop(state);
        }
        return events;
    }

    /** Frames of another array are another delivery. The replies so far go with it, or behind it, but never before. */
    @SuppressWarnings("ReferenceEquality") // which array it is, not what is in it
    private int switchTo(byte[] array, FramedRead read) {
        if (array == read.bytes()) {
            return 0;
        }
        int events = deliver(read, Reply.NOTHING);
        read.start(array);
        if (events > 0 && !sink.hasRoom()) {
            state = State.PENDING;
        }
        return events;
    }

    private @Nullable Framer detect(byte[] bytes, int to, boolean last) {
        Protocol protocol = framing.detect(bytes, 0, to, last);
        if (protocol == null && last) {
            protocol = origin.protocol();
        }
        if (protocol != null) {
            origin = Origin.of(origin.listener(), origin.source(), protocol);
            framer = framing.framer(protocol);
        }
        return framer;
    }

    private void add(FramedRead read, Framer.Found found, Framer.Frame frame) {
        switch (found) {
            case FRAME -> read.frame(frame.from(), frame.to(), frame.decodedBytesMax());
            case REJECTED -> read.reject(frame.reason(), frame.from(), frame.to());
            case GOODBYE -> state = State.GOODBYE;
            case MALFORMED -> state = State.MALFORMED;
            case SKIPPED, INCOMPLETE -> {
                // nothing to deliver
            }
        }
    }

    private int deliver(FramedRead read, Reply reply) {
        if (read.isEmpty()) {
            reply(reply);
            return 0;
        }
        read.reply(reply);
        sink.deliver(read, origin, readNanos, receiveTimes.take(Instant.now(), read.events()));
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
