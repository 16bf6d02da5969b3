package dev.sluice.listen.tls;

import dev.sluice.listen.intake.KeptBytes;
import dev.sluice.text.BigEndian;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/** What the header of a record says. */
final class TlsRecord {

    static final int HEADER_BYTES = 5;

    private static final int CHANGE_CIPHER_SPEC = 20;
    private static final int ALERT = 21;
    private static final int APPLICATION_DATA = 23;

    private TlsRecord() {}

    /** How long the record is that {@code kept} begins with; its header, while that is not complete. */
    static int bytes(KeptBytes kept) {
        return kept.size() < HEADER_BYTES
                ? HEADER_BYTES
                : HEADER_BYTES
                        + Short.toUnsignedInt(BigEndian.int16(kept.array(), kept.from() + HEADER_BYTES - Short.BYTES));
    }

    /** Whether {@code kept} may begin with a record of a handshake. */
    static boolean isOfHandshake(KeptBytes kept) {
        return begins(Unpooled.wrappedBuffer(kept.array()), kept.from(), CHANGE_CIPHER_SPEC);
    }

    /**
     * Whether a record may begin at {@code at} when the handshake is done. No other comes then: in TLS 1.2 that would
     * be a new handshake, which costs a server more than the client that asks for it.
     */
    static boolean begins(ByteBuf bytes, int at) {
        int type = bytes.getByte(at);
        return (type == APPLICATION_DATA || type == ALERT) && begins(bytes, at, ALERT);
    }

    private static boolean begins(ByteBuf bytes, int at, int typeMin) {
        int type = bytes.getByte(at);
        return type >= typeMin
                && type <= APPLICATION_DATA
                && bytes.getByte(at + 1) == 3
                && HEADER_BYTES + bytes.getUnsignedShort(at + 3) <= TlsCredentials.RECORD_BYTES_MAX;
    }
}
