package dev.sluice.protocol.forward;

import dev.sluice.text.BigEndian;

/**
 * The start of a MessagePack value: what it is, how long it is, and how many values it holds. Reused, so that reading
 * allocates nothing. Nothing of a value is looked at that may not have come yet.
 */
final class MsgPackHead {

    /** What a value is. */
    enum Kind {
        NIL,
        BOOLEAN,
        INTEGER,
        FLOAT,
        STRING,
        BINARY,
        ARRAY,
        MAP,
        EXTENSION,
        /** The one byte that starts nothing. */
        INVALID
    }

    private Kind kind = Kind.INVALID;
    private int size;
    private long payload;
    private long children;

    /**
     * Reads the start of the value at {@code at}.
     *
     * @return whether it is there as a whole; if not, nothing is known of the value
     */
    boolean read(byte[] bytes, int at, int to) {
        if (at >= to) {
            return false;
        }
        int first = bytes[at] & 0xFF;
        if (first < 0x80 || first >= 0xE0) {
            return is(Kind.INTEGER, 1, 0, 0);
        }
        if (first < 0x90) {
            return is(Kind.MAP, 1, 0, 2L * (first & 0x0F));
        }
        if (first < 0xA0) {
            return is(Kind.ARRAY, 1, 0, first & 0x0F);
        }
        if (first < 0xC0) {
            return is(Kind.STRING, 1, first & 0x1F, 0);
        }
        return readLong(bytes, at, to, first);
    }

    private boolean readLong(byte[] bytes, int at, int to, int first) {
        return switch (first) {
            case 0xC0 -> is(Kind.NIL, 1, 0, 0);
            case 0xC2, 0xC3 -> is(Kind.BOOLEAN, 1, 0, 0);
            case 0xC4, 0xC5, 0xC6 -> sized(Kind.BINARY, bytes, at, to, 1 << (first - 0xC4));
            case 0xC7, 0xC8, 0xC9 -> sized(Kind.EXTENSION, bytes, at, to, 1 << (first - 0xC7));
            case 0xCA -> is(Kind.FLOAT, 1, 4, 0);
            case 0xCB -> is(Kind.FLOAT, 1, 8, 0);
            case 0xCC, 0xCD, 0xCE, 0xCF -> is(Kind.INTEGER, 1, 1L << (first - 0xCC), 0);
            case 0xD0, 0xD1, 0xD2, 0xD3 -> is(Kind.INTEGER, 1, 1L << (first - 0xD0), 0);
            case 0xD4, 0xD5, 0xD6, 0xD7, 0xD8 -> to - at >= 2 && is(Kind.EXTENSION, 2, 1L << (first - 0xD4), 0);
            case 0xD9, 0xDA, 0xDB -> sized(Kind.STRING, bytes, at, to, 1 << (first - 0xD9));
            case 0xDC, 0xDD -> sized(Kind.ARRAY, bytes, at, to, 2 << (first - 0xDC));
            case 0xDE, 0xDF -> sized(Kind.MAP, bytes, at, to, 2 << (first - 0xDE));
            default -> is(Kind.INVALID, 1, 0, 0);
        };
    }

    private boolean sized(Kind sized, byte[] bytes, int at, int to, int lengthBytes) {
        int head = 1 + lengthBytes + (sized == Kind.EXTENSION ? 1 : 0);
        if (to - at < head) {
            return false;
        }
        long length =
                switch (lengthBytes) {
                    case 1 -> bytes[at + 1] & 0xFF;
                    case 2 -> BigEndian.int16(bytes, at + 1) & 0xFFFF;
                    default -> BigEndian.int32(bytes, at + 1) & 0xFFFF_FFFFL;
                };
        return switch (sized) {
            case ARRAY -> is(sized, head, 0, length);
            case MAP -> is(sized, head, 0, 2 * length);
            default -> is(sized, head, length, 0);
        };
    }

    private boolean is(Kind found, int headBytes, long payloadBytes, long childCount) {
        kind = found;
        size = headBytes;
        payload = payloadBytes;
        children = childCount;
        return true;
    }

    /** What the value is. */
    Kind kind() {
        return kind;
    }

    /** Whether it is text, or the bytes that some libraries send for it. */
    boolean isText() {
        return kind == Kind.STRING || kind == Kind.BINARY;
    }

    /** Bytes of the start. */
    int size() {
        return size;
    }

    /** Bytes that follow the start and are no values; up to 2^32 - 1. */
    long payload() {
        return payload;
    }

    /** Values that follow, keys of a map included; up to 2^33 - 2. */
    long children() {
        return children;
    }

    /** The type of the extension at {@code at}, in front of its payload. */
    int extensionType(byte[] bytes, int at) {
        return bytes[at + size - 1];
    }

    /** Whether the integer at {@code at} is an unsigned one of 64 bits. */
    static boolean isUnsignedLong(byte[] bytes, int at) {
        return (bytes[at] & 0xFF) == 0xCF;
    }

    /** The integer at {@code at}, whole. */
    static long integer(byte[] bytes, int at) {
        return switch (bytes[at] & 0xFF) {
            case 0xCC -> bytes[at + 1] & 0xFF;
            case 0xCD -> BigEndian.int16(bytes, at + 1) & 0xFFFF;
            case 0xCE -> BigEndian.int32(bytes, at + 1) & 0xFFFF_FFFFL;
            case 0xCF, 0xD3 -> BigEndian.int64(bytes, at + 1);
            case 0xD0 -> bytes[at + 1];
            case 0xD1 -> BigEndian.int16(bytes, at + 1);
            case 0xD2 -> BigEndian.int32(bytes, at + 1);
            default -> bytes[at];
        };
    }

    /** The number with a fraction at {@code at}, whole. */
    static double floating(byte[] bytes, int at) {
        return (bytes[at] & 0xFF) == 0xCA
                ? Float.intBitsToFloat(BigEndian.int32(bytes, at + 1))
                : Double.longBitsToDouble(BigEndian.int64(bytes, at + 1));
    }

    /** The 32 bits at {@code at}, unsigned. */
    static long unsignedInt(byte[] bytes, int at) {
        return BigEndian.int32(bytes, at) & 0xFFFF_FFFFL;
    }
}
