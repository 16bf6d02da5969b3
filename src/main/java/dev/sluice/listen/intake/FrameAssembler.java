package dev.sluice.listen.intake;

import dev.sluice.event.Framer;
import dev.sluice.event.Origin;
import dev.sluice.event.Reply;
import dev.sluice.listen.report.ListenObserver.CloseReason;
import dev.sluice.text.JsonSyntax;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.time.Instant;

/**
 * Turns the reads of one connection into framed reads: detects the protocol, frames, and keeps the bytes of an
 * incomplete frame until more come. On the connection's event loop only.
 */
public final class FrameAssembler {

    /** Replies of so many bytes are handed on, so that a read that makes very many is bounded like any other. */
    private static final int REPLY_BYTES = 4 * 1024;

    private final ProtocolChoice protocol;
    private final FrameSink sink;
    private final KeptBytes kept = new KeptBytes();
    private final FramePieces pieces = new FramePieces();
    private FramingState state = FramingState.OPEN;
    private boolean isLeaving;
    private long readNanos;

    /** Up to here the bytes at hand are framed. */
    private int framed;

    private final ReceiveTimes receiveTimes = new ReceiveTimes();

    public FrameAssembler(Framing framing, Origin undetected, FrameSink sink) {
        this.sink = sink;
        protocol = new ProtocolChoice(framing, undetected);
    }

    /** Who sends; the protocol is a guess until the first bytes told. */
    public Origin origin() {
        return protocol.origin();
    }

    /** How the conversation stands. */
    public FramingState state() {
        return state;
    }

    /** Why the connection is closed whose conversation is over by a mistake of its client's. */
    public CloseReason mistake() {
        return CloseReason.of(protocol.firstBytes());
    }

    /** Says what the protocol says first, if the listener has only one. */
    public void greet() {
        Framer known = protocol.beforeAnything();
        if (known != null) {
            Framer.Frame frame = LoopScratch.get().frame();
            known.greet(frame);
            reply(frame.takeReply());
        }
    }

    /** What keeps the shipper patient, or nothing. */
    public Reply keepAlive() {
        Framer known = protocol.framer();
        if (known == null) {
            return Reply.NOTHING;
        }
        Framer.Frame aside = LoopScratch.get().aside();
        known.keepAlive(aside);
        return aside.takeReply();
    }

    /** Sends the shipper elsewhere; one that has not said what it speaks, when it does. */
    public void farewell() {
        Framer known = protocol.framer();
        isLeaving = known == null;
        if (known != null && (state == FramingState.OPEN || state == FramingState.PENDING)) {
            farewell(known, kept.size());
        }
    }

    private void farewell(Framer known, int unframed) {
        Framer.Frame frame = LoopScratch.get().frame();
        if (known.farewell(frame)) {
            drop(FramingState.DROPPING, unframed);
        }
        reply(frame.takeReply());
    }

    private void reply(Reply reply) {
        if (!reply.isEmpty()) {
            sink.reply(origin().protocol(), reply);
        }
    }

    /** Ends the conversation; {@code bytes} of it come to nothing. */
    private void drop(FramingState why, int bytes) {
        state = why;
        kept.clear();
        discard(bytes + protocol.unframedBytes());
    }

    private void discard(int bytes) {
        if (bytes > 0) {
            sink.discarded(origin(), state.discard(), bytes);
        }
    }

    /** Whether the last read ended inside a frame. */
    public boolean isInsideFrame() {
        return kept.size() > 0 || protocol.heldBytes() > 0;
    }

    /** Bytes that the incomplete frame takes, those that its framer unpacks it with included. */
    public int heldBytes() {
        return kept.heldBytes() + protocol.heldBytes();
    }

    /**
     * Frames what the buffer holds; returns how many events were completed.
     *
     * @param tight whether there is no room for more than the bytes themselves
     */
    public int read(ByteBuf buffer, long nanos, boolean tight) {
        if (state == FramingState.PENDING) {
            kept.append(buffer, tight); // Netty read uncalled, to see whether the shipper is gone
            return 0;
        }
        if (state != FramingState.OPEN) {
            discard(buffer.readableBytes());
            return 0;
        }
        readNanos = nanos;
        if (kept.size() > KeptBytes.COPIED_BYTES) {
            kept.append(buffer, tight);
            return frameKept(false);
        }
        byte[] bytes = LoopScratch.get().bytes();
        return frame(bytes, 0, kept.joinTo(bytes, buffer), false);
    }

    /** Frames the first {@code size} bytes of an array, as many as a socket's read has at the most. */
    public int read(byte[] bytes, int size, long nanos) {
        return read(Unpooled.wrappedBuffer(bytes, 0, size), nanos, false);
    }

    /** Goes on with what was read while there was no room; returns how many events were completed. */
    public int readOn(long nanos) {
        readNanos = nanos;
        if (state != FramingState.PENDING) {
            return 0;
        }
        state = FramingState.OPEN;
        return frameKept(false);
    }

    /** Frames what is left when nothing more will come; returns how many events that made. */
    public int end() {
        state = state == FramingState.PENDING ? FramingState.OPEN : state; // there is no later for which it could wait
        try {
            int events = kept.size() == 0 ? 0 : frameKept(true);
            if (state == FramingState.OPEN) {
                // It was not answered, so that the shipper still has it.
                discard(kept.size() + protocol.unframedBytes());
            }
            kept.clear();
            return events;
        } finally {
            protocol.close();
        }
    }

    private int frameKept(boolean last) {
        return frame(kept.array(), kept.from(), kept.from() + kept.size(), last);
    }

    private int frame(byte[] bytes, int from, int to, boolean last) {
        int events = -1;
        framed = from;
        try {
            Framer known = protocol.of(bytes, from, to, last);
            if (known != null && isLeaving) {
                isLeaving = false;
                farewell(known, 0); // what is at hand is dropped below
            }
            events = known == null ? unframed(bytes, from, to) : frame(known, bytes, to, last);
            return events;
        } finally {
            if (events < 0) {
                drop(FramingState.FAILED, to - framed); // its framer may have passed over what was not delivered
            }
        }
    }

    private int unframed(byte[] bytes, int from, int to) {
        if (protocol.firstBytes().isForeign()) {
            sink.foreign(origin(), protocol.firstBytes());
            drop(FramingState.MALFORMED, to - from);
        } else {
            kept.keep(bytes, JsonSyntax.spaceEnd(bytes, from, to), to); // it decides nothing, however much comes
        }
        return 0;
    }

    private int frame(Framer known, byte[] bytes, int to, boolean last) {
        Framer.Frame frame = LoopScratch.get().frame();
        FramedRead read = LoopScratch.get().read();
        read.start(bytes);
        int events = 0;
        int at = framed;
        while (at < to && state == FramingState.OPEN) {
            Framer.Found found = last ? known.last(bytes, at, to, frame) : known.next(bytes, at, to, frame);
            if (isNoFrame(found, frame, to - at)) {
                break;
            }
            if (found == Framer.Found.NO_ROOM) {
                continue;
            }
            framed = at;
            at = frame.next();
            int before = events;
            events += switchTo(frame.arrayOr(bytes), read);
            events += frame.isAlone() ? deliver(read, Reply.NOTHING) : 0;
            add(read, found, frame);
            boolean part = read.events() >= sink.framesMax()
                    || frame.isAlone()
                    || frame.reply().size() >= REPLY_BYTES;
            events += part ? deliver(read, frame.takeReply()) : 0;
            if ((part || events > before) && at < to && !last) {
                pendUnlessRoom(to - at);
            }
        }
        events += deliver(read, frame.takeReply());
        read.clear();
        if (state == FramingState.OPEN || state == FramingState.PENDING) {
            kept.keep(bytes, at, to);
        } else {
            drop(state, to - at);
        }
        return events;
    }

    /** Whether there is no frame to go on with; grants the memory that a framer wants, if there is room for it. */
    private boolean isNoFrame(Framer.Found found, Framer.Frame frame, int left) {
        if (found == Framer.Found.MALFORMED) {
            state = FramingState.MALFORMED;
        } else if (found == Framer.Found.NO_ROOM) {
            pendUnlessRoom(left + frame.wanted());
            frame.grant();
        }
        return found == Framer.Found.INCOMPLETE || state != FramingState.OPEN;
    }

    private void pendUnlessRoom(int left) {
        if (state == FramingState.OPEN && !sink.hasRoom(left + protocol.heldBytes())) {
            state = FramingState.PENDING;
        }
    }

    /** Frames of another array are another delivery. The replies so far go with it, or after it, but never before. */
    @SuppressWarnings("ReferenceEquality") // which array it is, not what is in it
    private int switchTo(byte[] array, FramedRead read) {
        if (array == read.bytes()) {
            return 0;
        }
        int events = deliver(read, Reply.NOTHING);
        read.start(array);
        return events;
    }

    private void add(FramedRead read, Framer.Found found, Framer.Frame frame) {
        switch (found) {
            case FRAME -> read.frame(frame);
            case REJECTED -> read.reject(frame, pieces.next(frame));
            case GOODBYE -> state = FramingState.GOODBYE;
            case REFUSED -> {
                state = FramingState.REFUSED;
                sink.refused(origin());
            }
            case DISCARDED -> discard(frame.next() - framed);
            case SKIPPED, INCOMPLETE, NO_ROOM, MALFORMED -> {
                // nothing to deliver
            }
        }
    }

    private int deliver(FramedRead read, Reply reply) {
        if (read.isEmpty()) {
            reply(reply);
            return 0;
        }
        int events = read.events();
        read.reply(reply);
        sink.deliver(read, origin(), readNanos, receiveTimes.take(Instant.now(), events));
        read.start(read.bytes());
        return events;
    }
}
