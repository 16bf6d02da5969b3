package dev.sluice.listen;

import dev.sluice.event.Framer;
import dev.sluice.event.JsonSyntax;
import dev.sluice.event.Origin;
import dev.sluice.event.Protocol;
import dev.sluice.event.Reply;
import dev.sluice.listen.ListenObserver.Discard;
import io.netty.buffer.ByteBuf;
import java.time.Instant;
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

        /** Bytes that were read come to nothing. */
        void discarded(Origin origin, Discard why, int bytes);

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

    private static final byte[] NOTHING = new byte[0];

    private final Framing framing;
    private final Sink sink;
    private Origin origin;
    private @Nullable Framer framer;
    private final KeptBytes kept = new KeptBytes();
    private State state = State.OPEN;
    private long readNanos;

    /** Up to here the bytes at hand are framed. */
    private int framed;

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
                drop(State.DROPPING, kept.size());
            }
            reply(frame.takeReply());
        }
    }

    private void reply(Reply reply) {
        if (!reply.isEmpty()) {
            sink.reply(origin.protocol(), reply);
        }
    }

    /** Ends the conversation; {@code bytes} of it come to nothing. */
    private void drop(State why, int bytes) {
        state = why;
        kept.clear();
        discard(bytes + unframedBytes());
    }

    private int unframedBytes() {
        Framer known = framer;
        return known == null ? 0 : known.unframedBytes();
    }

    private void discard(int bytes) {
        if (bytes > 0) {
            sink.discarded(origin, Discard.in(state), bytes);
        }
    }

    /** Whether the last read ended inside a frame. */
    boolean isInsideFrame() {
        return kept.size() > 0;
    }

    /** Bytes of heap that the incomplete frame takes. */
    int heldBytes() {
        Framer known = framer;
        return known == null ? kept.heldBytes() : kept.heldBytes() + known.heldBytes();
    }

    /**
     * Frames what the buffer holds; returns how many events were completed.
     *
     * @param tight whether there is no room for more than the bytes themselves
     */
    int read(ByteBuf buffer, long nanos, boolean tight) {
        if (state == State.PENDING) {
            kept.append(buffer, tight); // Netty read uncalled, to see whether the shipper is gone
            return 0;
        }
        if (state != State.OPEN) {
            discard(buffer.readableBytes());
            return 0;
        }
        readNanos = nanos;
        int to = kept.size() + buffer.readableBytes();
        return frame(kept.join(LoopScratch.get().bytes(), buffer, tight), to, false);
    }

    /** Goes on with what was read while there was no room; returns how many events were completed. */
    int readOn(long nanos) {
        readNanos = nanos;
        if (state != State.PENDING) {
            return 0;
        }
        state = State.OPEN;
        return frame(kept.bytes(), kept.size(), false);
    }

    /** Frames what is left when nothing more will come; returns how many events that made. */
    int end() {
        try {
            int events = kept.size() == 0 ? 0 : frame(kept.bytes(), kept.size(), true);
            if (state == State.OPEN || state == State.PENDING) {
                discard(kept.size() + unframedBytes()); // it was not answered, so that the shipper still has it
            }
            kept.clear();
            return events;
        } finally {
            Framer known = framer;
            if (known != null) {
                known.close();
            }
        }
    }

    private int frame(byte[] bytes, int to, boolean last) {
        int events = -1;
        framed = 0;
        try {
            Framer known = framer == null ? detect(bytes, to, last) : framer;
            events = known == null ? undecided(bytes, to) : frame(known, bytes, to, last);
            return events;
        } finally {
            if (events < 0) {
                drop(State.FAILED, to - framed); // its framer may have passed over what was not delivered
            }
        }
    }

    private int undecided(byte[] bytes, int to) {
        kept.keep(bytes, JsonSyntax.spaceEnd(bytes, 0, to), to); // it decides nothing, however much comes
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
            if (found == Framer.Found.MALFORMED) {
                state = State.MALFORMED;
                break;
            }
            framed = at;
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
            kept.keep(bytes, at, to);
        } else {
            drop(state, to - at);
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
            case DISCARDED -> discard(frame.next() - framed);
            case SKIPPED, INCOMPLETE, MALFORMED -> {
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
}
