package dev.sluice.listen.tls;

import dev.sluice.listen.intake.KeptBytes;
import dev.sluice.listen.netty.EncryptedReads;
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
 * <p>Until the handshake is done reads are its to ask for ({@link HandshakeRecords}). From then on reads are the
 * shipper's connection's to ask for: Netty's handler would also read when it has decrypted nothing, whether there is
 * room or not.
 *
 * <p>On the connection's event loop only.
 */
final class TlsRecords extends ChannelDuplexHandler implements EncryptedReads {

    private static final int RECORDS_AT_ONCE = 32;

    private final TlsSession session;
    private final HandshakeRecords handshake;
    private final TlsEffort effort = new TlsEffort();
    private @Nullable ChannelHandlerContext context;
    private final KeptBytes kept = new KeptBytes();
    private boolean isBroken;
    private boolean isIdle;

    /** Records that are about to be handed on. */
    private int found;

    TlsRecords(TlsSession session, HandshakeRecords handshake) {
        this.session = session;
        this.handshake = handshake;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext added) {
        context = added;
        handshake.added(added);
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext removed) {
        handshake.removed();
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
            handshake.read(added);
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
        try {
            if (session.isEstablished()) {
                read(added, bytes);
            } else if (bytes.isReadable() && session.isHandshake(bytes)) {
                handshake.keep(added, bytes);
            }
        } finally {
            bytes.release();
        }
    }

    private void read(ChannelHandlerContext added, ByteBuf bytes) {
        int count = bytes.readableBytes();
        session.plaintext().expect(kept.size() + count);
        decrypt(added, bytes);
        effort.readEnded(count);
        session.plaintext().readEnded();
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
        int count = found;
        found = 0;
        added.fireChannelRead(records);
        TlsPlaintext plaintext = session.plaintext();
        int idle = count - plaintext.takeRecords();
        isIdle |= !isOver() && !effort.records(count, idle, plaintext.takeBytes());
    }

    /** Hands on the record that is kept, if {@code bytes} begin with its rest. */
    private void complete(ChannelHandlerContext added, ByteBuf bytes) {
        keep(bytes, TlsRecord.HEADER_BYTES - kept.size());
        isBroken |= kept.size() >= TlsRecord.HEADER_BYTES
                && !TlsRecord.begins(Unpooled.wrappedBuffer(kept.array()), kept.from());
        if (kept.size() < TlsRecord.HEADER_BYTES || isBroken) {
            return;
        }
        keep(bytes, TlsRecord.bytes(kept) - kept.size());
        if (kept.size() == TlsRecord.bytes(kept)) {
            ByteBuf record = Unpooled.wrappedBuffer(kept.array(), kept.from(), kept.size());
            kept.clear();
            found = 1;
            handOn(added, record);
        }
    }

    private void keep(ByteBuf bytes, int most) {
        int count = Math.min(most, bytes.readableBytes());
        if (count > 0) {
            kept.append(bytes.readSlice(count), false);
        }
    }

    /** How many of {@code bytes} are whole records, but no more than are handed on at once. */
    private int wholeRecords(ByteBuf bytes) {
        int from = bytes.readerIndex();
        int at = from;
        while (found < RECORDS_AT_ONCE && bytes.writerIndex() - at >= TlsRecord.HEADER_BYTES && !isBroken) {
            int next = at + TlsRecord.HEADER_BYTES + bytes.getUnsignedShort(at + 3);
            isBroken = !TlsRecord.begins(bytes, at);
            if (isBroken || next > bytes.writerIndex()) {
                break;
            }
            at = next;
            found++;
        }
        return at - from;
    }
}
