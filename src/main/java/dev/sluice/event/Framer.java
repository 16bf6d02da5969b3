package dev.sluice.event;

/**
 * Finds frames in the bytes of one connection. One instance a connection, used by its event loop alone; it remembers
 * only where it stands (how far an incomplete frame was searched, how much of an oversize frame is still to be
 * skipped), never bytes: the listener presents an incomplete frame again, from its first byte, with more behind it.
 */
public interface Framer {

    /** What {@link #next} found. */
    enum Found {
        /** A whole frame: {@link Frame#from()} to {@link Frame#to()}, go on at {@link Frame#next()}. */
        FRAME,
        /** Nothing of interest (an empty line, a part of a frame that is skipped): go on at {@link Frame#next()}. */
        SKIPPED,
        /** No whole frame yet: keep everything from where the search began and read more. */
        INCOMPLETE,
        /**
         * A frame that becomes a dead letter: {@link Frame#reason()}, its first bytes; go on at {@link Frame#next()}.
         */
        REJECTED
    }

    /** Looks for one frame in {@code bytes[from, to)}, where {@code from < to}. */
    Found next(byte[] bytes, int from, int to, Frame frame);

    /** As {@link #next}, when the shipper will send nothing more; never {@link Found#INCOMPLETE}. */
    Found last(byte[] bytes, int from, int to, Frame frame);

    /** The place of a frame; one reused instance an event loop. */
    final class Frame {
        private int from;
        private int to;
        private int next;
        private RejectReason reason = RejectReason.OVERSIZE_FRAME;

        /** Sets where the payload starts and ends and where the following frame starts. */
        public void set(int from, int to, int next) {
            this.from = from;
            this.to = to;
            this.next = next;
        }

        /** Sets why a frame is rejected. */
        public void reason(RejectReason reason) {
            this.reason = reason;
        }

        /** First byte of the payload, without framing. */
        public int from() {
            return from;
        }

        /** Behind the last byte of the payload. */
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
