package dev.sluice.listen.tls;

import dev.sluice.listen.intake.KeptBytes;
import dev.sluice.listen.netty.EncryptedReads;
import dev.sluice.listen.netty.ReadDemand;
import dev.sluice.text.BigEndian;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.NotSslRecordException;
import io.netty.util.ReferenceCountUtil;
import java.net.ProtocolException;
import org.jspecify.annotations.Nullable;

/**
 * The records of a TLS connection before they are decrypted. It hands whole ones on and keeps an incomplete one in an
 * array of its size: Netty's handler would keep the buffer of the whole read for it, where nobody counts it. So nothing
 * of a connection stays after it, and what is kept here is in the budget with the incomplete frame.
 *
 * <p>Until the handshake is done it reads to the end of a record and no further, so that no event is read before there
 * is somebody to count it. From then on reads are the shipper's connection's to ask for: Netty's handler would also
 * read when it has decrypted nothing, whether there is room or not.
 *
 * <p>On the connection's event loop only.
 */
final class TlsRecords extends ChannelDuplexHandler implements EncryptedReads, ReadDemand {

    private static final int HEADER_BYTES = 5;

    private static final int RECORDS_AT_ONCE = 32;
    private static final int ALERT = 21;
    private static final int APPLICATION_DATA = 23;

    private final TlsSession session;
    private final TlsEffort effort = new TlsEffort();
    private @Nullable ChannelHandlerContext context;
    private final KeptBytes kept = new KeptBytes();
    private int handshakeBytes;
    private boolean isBroken;
    private boolean isIdle;

    /** Records that are about to be handed on. */
    private int found;

    TlsRecords(TlsSession session) {
        this.session = session;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext added) {
        context = added;
    }

    /** Bytes of the incomplete record. */
    @Override
    public int heldBytes() {
        return kept.heldBytes();
    }

    @Override
    public int nextReadBytes() {
        return effort.nextReadBytes();
    }

    /** Of the handshake: the rest of the record. */
    @Override
    public int readBytesMax() {
        return kept.size() < HEADER_BYTES ? HEADER_BYTES - kept.size() : recordBytes() - kept.size();
    }

    @Override
    public void readEnded() {
        // what the handshake holds is in the ceiling, not in the budget
    }

    @Override
    public void request() {
        ChannelHandlerContext before = context;
        if (before != null) {
            before.read();
        }
    }

    /** Netty's handler wants to read, or the one who asked the channel. */
    @Override
    public void read(ChannelHandlerContext added) {
        if (!session.isEstablished()) {
            added.read();
        }
    }

    /** After a half-close nothing is said: Netty's handler would close when it fails to answer the shipper's end. */
    @Override
    @SuppressWarnings("FutureReturnValueIgnored") // the writer has the promise
    public void write(ChannelHandlerContext added, Object message, ChannelPromise promise) {
        if (((DuplexChannel) added.channel()).isOutputShutdown()) {
            ReferenceCountUtil.release(message);
            promise.setSuccess();
        } else {
            added.write(message, promise);
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext added, Object message) {
        ByteBuf bytes = (ByteBuf) message;
        boolean wasEstablished = session.isEstablished();
        int count = bytes.readableBytes();
        handshakeBytes += wasEstablished ? 0 : count;
        isBroken |= handshakeBytes > TlsCredentials.HANDSHAKE_BYTES_MAX;
        try {
            if (bytes.isReadable() && session.isHandshake(bytes)) {
                session.plaintext().expect(kept.size() + bytes.readableBytes());
                decrypt(added, bytes);
            }
        } finally {
            bytes.release();
        }
        if (wasEstablished) {
            effort.readEnded(count);
            session.plaintext().readEnded();
        }
    }

    private void decrypt(ChannelHandlerContext added, ByteBuf bytes) {
        if (kept.size() > 0) {
            complete(added, bytes);
        }
        for (int whole = wholeRecords(bytes); whole > 0 && goesOn(); whole = wholeRecords(bytes)) {
            handOn(added, bytes.readRetainedSlice(whole));
        }
        if (isOver()) {
            kept.clear();
        } else if (isBroken) {
            kept.clear();
            added.fireExceptionCaught(new NotSslRecordException("what should be a record is none"));
        } else if (isIdle) {
            kept.clear();
            added.fireExceptionCaught(new ProtocolException("too many records hold nothing"));
        } else {
            keep(bytes, bytes.readableBytes());
        }
    }

    private boolean goesOn() {
        return !isOver() && !isBroken && !isIdle;
    }

    private boolean isOver() {
        return session.plaintext().isEnded();
    }

    /** A few at a time, so that there is an end to those that hold nothing. */
    private void handOn(ChannelHandlerContext added, ByteBuf records) {
        boolean wasEstablished = session.isEstablished();
        int count = found;
        found = 0;
        added.fireChannelRead(records);
        TlsPlaintext plaintext = session.plaintext();
        int idle = count - plaintext.takeRecords();
        isIdle |= wasEstablished && !isOver() && !effort.records(count, idle, plaintext.takeBytes());
    }

    /** Hands on the record that is kept, if {@code bytes} begin with its rest. */
    private void complete(ChannelHandlerContext added, ByteBuf bytes) {
        keep(bytes, HEADER_BYTES - kept.size());
        isBroken |= kept.size() >= HEADER_BYTES && !isRecord(Unpooled.wrappedBuffer(kept.array()), kept.from());
        if (kept.size() < HEADER_BYTES || isBroken) {
            return;
        }
        keep(bytes, recordBytes() - kept.size());
        if (kept.size() == recordBytes()) {
            ByteBuf record = Unpooled.wrappedBuffer(kept.array(), kept.from(), kept.size());
            kept.clear();
            found = 1;
            handOn(added, record);
        }
    }

    private void keep(ByteBuf bytes, int most) {
        int count = Math.min(most, bytes.readableBytes());
        if (count > 0) {
            kept.append(bytes.readSlice(count), !session.isEstablished());
        }
    }

    private int recordBytes() {
        int length = kept.from() + HEADER_BYTES - Short.BYTES;
        byte[] header = kept.array();
        return HEADER_BYTES + Short.toUnsignedInt(BigEndian.int16(header, length));
    }

    /** How many of {@code bytes} are whole records, but no more than are handed on at once. */
    private int wholeRecords(ByteBuf bytes) {
        int from = bytes.readerIndex();
        int at = from;
        while (found < RECORDS_AT_ONCE && bytes.writerIndex() - at >= HEADER_BYTES && !isBroken) {
            int next = at + HEADER_BYTES + bytes.getUnsignedShort(at + 3);
            isBroken = !isRecord(bytes, at);
            if (isBroken || next > bytes.writerIndex()) {
                break;
            }
            at = next;
            found++;
        }
        return at - from;
    }

    /**
     * Whether a record may begin at {@code at}. After the handshake no other comes: in TLS 1.2 that would be a new
     * handshake, which costs a server more than the client that asks for it.
     */
    private boolean isRecord(ByteBuf bytes, int at) {
        int type = bytes.getByte(at);
        boolean fitting = session.isEstablished()
                ? type == APPLICATION_DATA || type == ALERT
                : type >= ALERT - 1 && type <= APPLICATION_DATA;
        return fitting
                && bytes.getByte(at + 1) == 3
                && HEADER_BYTES + bytes.getUnsignedShort(at + 3) <= TlsCredentials.RECORD_BYTES_MAX;
    }
}
