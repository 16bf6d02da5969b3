package dev.sluice.protocol.forward;

/**
 * Finds where MessagePack values end: a count of the values still to come, no stack, so that no nesting is too deep.
 */
final class MsgPack {

    /** The value is not there as a whole. */
    static final int INCOMPLETE = -1;
    /** A byte that starts no value. */
    static final int INVALID = -2;

    private MsgPack() {}

    /** Where the value at {@code from} ends, or {@link #INCOMPLETE} or {@link #INVALID}. */
    static int end(byte[] bytes, int from, int to, MsgPackHead head) {
        int at = from;
        long values = 1;
        while (values > 0) {
            if (!head.read(bytes, at, to)) {
                return INCOMPLETE;
            }
            if (head.kind() == MsgPackHead.Kind.INVALID) {
                return INVALID;
            }
            values += head.children() - 1;
            // Each value takes at least a byte, so that a count beyond what there is needs no walk.
            if (head.payload() + values > to - at - head.size()) {
                return INCOMPLETE;
            }
            at += head.size() + (int) head.payload();
        }
        return at;
    }
}
