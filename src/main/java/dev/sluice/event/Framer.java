package dev.sluice.event;

import dev.sluice.text.ByteWriter;
import org.jspecify.annotations.Nullable;

/**
 * Finds frames in the bytes of one connection. One instance a connection, used by its event loop alone; it remembers
 * only where it stands (how far an incomplete frame was searched, how much of an oversize frame is still to come),
 * never bytes: the listener presents an incomplete frame again, from its first byte, with more after it.
 *
 * <p>It also knows how its protocol answers. Whatever it writes to {@link Frame#reply()} while it is asked is sent when
 * everything found so far is committed, that frame included; with nothing found, as soon as everything before is
 * answered. Replies leave in order.
 */
public interface Framer {

    /** What {@link #next} found. */
    enum Found {
        /** A whole frame: {@link Frame#from()} to {@link Frame#to()}, go on at {@link Frame#next()}. */
        FRAME,
        /** Nothing but framing (an empty line, a header, bytes that were unpacked): go on at {@link Frame#next()}. */
        SKIPPED,
        /** Bytes that come to nothing, because the frame that they begin will never be whole. */
        DISCARDED,
        /** No whole frame yet: keep everything from where the search began and read more. */
        INCOMPLETE,
        /**
         * It goes on, from where the search began, when it is granted the memory that it asked for; see
         * {@link Frame#takeGrant}.
         */
        NO_ROOM,
        /**
         * A frame that becomes a dead letter, or the next piece of one: {@link Frame#reason()}; go on at
         * {@link Frame#next()}.
         */
        REJECTED,
        /** The conversation is over: what was replied is sent when it is due, then the connection is closed. */
        GOODBYE,
        /** As {@link #GOODBYE}, because the shipper did not prove what it has to before it may send. */
        REFUSED,
        /**
         * What came is not the protocol, and there is no way to find the next frame. What was found before is stored
         * and answered, then the connection is closed.
         */
        MALFORMED
    }

    /** Looks for one frame in {@code bytes[from, to)}, where {@code from < to}. */
    Found next(byte[] bytes, int from, int to, Frame frame);

    /**
     * As {@link #next}, when the shipper will send nothing more; never {@link Found#INCOMPLETE} or
     * {@link Found#NO_ROOM}. What is not whole is discarded: right where it was not answered, so that the shipper still
     * has it.
     */
    default Found last(byte[] bytes, int from, int to, Frame frame) {
        Found found = next(bytes, from, to, frame);
        if (found != Found.INCOMPLETE && found != Found.NO_ROOM) {
            return found;
        }
        frame.set(to, to, to);
        return Found.DISCARDED;
    }

    /** Replies what is sent before the shipper says anything; called once, first. */
    default void greet(Frame frame) {}

    /** Replies what keeps a shipper patient that waits for an answer; nothing where the protocol has no such thing. */
    default void keepAlive(Frame frame) {}

    /**
     * Replies what sends the shipper elsewhere, because this service ends.
     *
     * @return whether the shipper sends again what was not answered, so that nothing more needs to be read
     */
    default boolean farewell(Frame frame) {
        return false;
    }

    /** Bytes that it holds between two reads, on the heap or not, such as what it unpacks with. */
    default int heldBytes() {
        return 0;
    }

    /** Bytes that it took and made nothing of yet, such as the unpacked beginning of a frame. */
    default int unframedBytes() {
        return 0;
    }

    /** Lets go of what it holds; called once, last. */
    default void close() {}

    /** The place of a frame and the replies; one reused instance an event loop. */
    final class Frame {
        private static final int REPLY_BYTES = 256;

        /** What is kept of the array of the replies: a larger one served one shipper, and would stay for all. */
        private static final int REPLY_KEPT_BYTES = 4 * 1024;

        private final ByteWriter reply = new ByteWriter(REPLY_BYTES);
        private int acks;
        private byte @Nullable [] unpacked;
        private int from;
        private int to;
        private int next;
        private boolean alone;
        private boolean isRest;
        private boolean isEnd;
        private long decodedBytesMax;
        private int wanted;
        private boolean granted;
        private RejectReason reason = RejectReason.OVERSIZE_FRAME;

        /**
         * Forgets everything. One instance serves all connections of an event loop, so that this stands before each
         * use: what was to be said to one shipper when its framer failed must never be said to the next.
         */
        public void clear() {
            reply.clear(REPLY_KEPT_BYTES);
            acks = 0;
            wanted = 0;
            granted = false;
            set(0, 0, 0);
        }

        /**
         * Takes a grant of {@code bytes} beside what the framer holds; nothing is allocated before. Without one the
         * framer says {@link Found#NO_ROOM} and is asked again when there is one.
         */
        public boolean takeGrant(int bytes) {
            wanted = bytes;
            boolean taken = granted;
            granted = false;
            return taken;
        }

        /** What the framer asked for, after {@link Found#NO_ROOM}. */
        public int wanted() {
            return wanted;
        }

        /** Grants it. */
        public void grant() {
            granted = true;
        }

        /** Sets where the payload starts and ends and where the following frame starts. */
        public void set(int from, int to, int next) {
            this.from = from;
            this.to = to;
            this.next = next;
            unpacked = null;
            alone = false;
            isRest = false;
            isEnd = false;
            decodedBytesMax = 0;
        }

        /**
         * As {@link #set}, for a payload that is not among the bytes presented but in an array of the framer's, which
         * stays as it is until the framer has found something that is not in it.
         */
        public void setUnpacked(byte[] unpacked, int from, int to, int next) {
            boolean rest = isRest;
            boolean end = isEnd;
            set(from, to, next);
            isRest = rest;
            isEnd = end;
            this.unpacked = unpacked;
        }

        /** The array of the payload: the one presented, or the framer's. */
        public byte[] arrayOr(byte[] presented) {
            return unpacked == null ? presented : unpacked;
        }

        /** What the shipper is told; see {@link Framer}. */
        public ByteWriter reply() {
            return reply;
        }

        /** Counts one more acknowledgement in {@link #reply()}. */
        public void acknowledged() {
            acks++;
        }

        /** Takes what was replied since the last time. */
        public Reply takeReply() {
            if (reply.size() == 0) {
                return Reply.NOTHING;
            }
            Reply taken = new Reply(reply.toByteArray(), acks);
            reply.clear(REPLY_KEPT_BYTES);
            acks = 0;
            return taken;
        }

        /** The frame is a delivery of its own: it is acknowledged, or known again, by itself. */
        public void alone() {
            alone = true;
        }

        /** Whether the frame is a delivery of its own. */
        public boolean isAlone() {
            return alone;
        }

        /** The frame goes on with the one before, which was full or could not wait for it; a piece, too. */
        public void goesOn() {
            isRest = true;
        }

        /** Whether the frame is the rest of the one before. */
        public boolean isRest() {
            return isRest;
        }

        /** The piece is the last of a frame that came whole. */
        public void ends() {
            isEnd = true;
        }

        /** Whether the piece is the last of a frame that came whole. */
        public boolean isEnd() {
            return isEnd;
        }

        /** Sets the most bytes of heap that the frame becomes, when its length does not tell. */
        public void decodedBytesMax(long bytes) {
            decodedBytesMax = bytes;
        }

        /** The most bytes of heap that the frame becomes, or 0 when that follows from its length. */
        public long decodedBytesMax() {
            return decodedBytesMax;
        }

        /** Sets why a frame is rejected. */
        public void reason(RejectReason reason) {
            this.reason = reason;
        }

        /** First byte of the payload, without framing. */
        public int from() {
            return from;
        }

        /** After the last byte of the payload. */
        public int to() {
            return to;
        }

        /** Where to go on. */
        public int next() {
            return next;
        }

        /** Why the frame is rejected, after {@link Found#REJECTED}. */
        public RejectReason reason() {
            return reason;
        }
    }
}
