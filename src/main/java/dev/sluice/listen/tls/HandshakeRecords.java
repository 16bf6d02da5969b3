package dev.sluice.listen.tls;

import static dev.sluice.listen.report.ConnectionFailure.guarded;

import dev.sluice.listen.intake.KeptBytes;
import dev.sluice.listen.netty.HungUpSocket;
import dev.sluice.listen.netty.ReadDemand;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.ssl.NotSslRecordException;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * The records of one handshake. It reads to the end of a record and no further, so that no event is read before there
 * is somebody to count it; and nothing while that record waits for its turn ({@link HandshakeTurns}). On the
 * connection's event loop only.
 */
final class HandshakeRecords implements ReadDemand, HandshakeTurns.Waiter {

    private final TlsSession session;
    private @Nullable ChannelHandlerContext context;

    /** In the ceiling, not in the budget: {@link TlsCredentials#CONNECTION_BYTES_MAX}. */
    private final KeptBytes kept = new KeptBytes();

    private int bytes;
    private boolean isWaiting;
    private boolean hasWaited;

    HandshakeRecords(TlsSession session) {
        this.session = session;
    }

    void added(ChannelHandlerContext records) {
        context = records;
    }

    void removed() {
        if (isWaiting) {
            isWaiting = false;
            HandshakeTurns.get().leave(this);
        }
    }

    /**
     * The rest of the header, or of the record. Nobody asks while it waits, but Netty looks whether the shipper left.
     */
    @Override
    public int readBytesMax() {
        return isWaiting ? 0 : TlsRecord.bytes(kept) - kept.size();
    }

    @Override
    public boolean isHeldUp() {
        return isWaiting;
    }

    @Override
    public void readEnded() {
        // what it brought is kept, or waits
    }

    /** Netty's handler asks for more. */
    void read(ChannelHandlerContext records) {
        if (isWaiting) {
            return;
        }
        if (hasWaited && HungUpSocket.isEnded(records.channel())) {
            records.executor().execute(guarded(records.channel(), () -> readRest(records)));
        } else {
            records.read();
        }
    }

    /** The shipper closed its side while it waited for a turn; it may have sent all that the handshake lacks. */
    private void readRest(ChannelHandlerContext records) {
        if (isWaiting || session.isEstablished() || !records.channel().isActive()) {
            return;
        }
        try {
            ByteBuf next = HungUpSocket.read(records.channel(), readBytesMax());
            if (next == null) {
                records.fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
            } else {
                records.pipeline().fireChannelRead(next);
                records.pipeline().fireChannelReadComplete();
            }
        } catch (IOException broken) {
            records.fireExceptionCaught(broken);
        }
    }

    /** {@code came} is what was read. */
    void keep(ChannelHandlerContext records, ByteBuf came) {
        bytes += came.readableBytes();
        kept.append(came, true);
        awaitTurn(records);
    }

    private void awaitTurn(ChannelHandlerContext records) {
        boolean hasHeader = kept.size() >= TlsRecord.HEADER_BYTES;
        if (session.plaintext().isEnded()) {
            kept.clear();
        } else if (bytes > TlsCredentials.HANDSHAKE_BYTES_MAX || (hasHeader && !TlsRecord.isOfHandshake(kept))) {
            fail(records);
        } else if (hasHeader && kept.size() >= TlsRecord.bytes(kept)) {
            isWaiting = true;
            hasWaited = true;
            HandshakeTurns.get().join(this, records.channel().eventLoop());
        }
    }

    private void fail(ChannelHandlerContext records) {
        kept.clear();
        records.fireExceptionCaught(new NotSslRecordException("what should be a record is none"));
    }

    @Override
    public String source() {
        return session.source();
    }

    @Override
    public void onTurn() {
        ChannelHandlerContext records = context;
        isWaiting = false;
        if (records != null && records.channel().isActive()) {
            guarded(records.channel(), () -> compute(records)).run();
        }
    }

    /** One record. More than one is here only where a proxy's header came with them. */
    private void compute(ChannelHandlerContext records) {
        ByteBuf all = Unpooled.wrappedBuffer(kept.array(), kept.from(), kept.size());
        ByteBuf record = all.readSlice(TlsRecord.bytes(kept));
        kept.clear();
        kept.append(all, true);
        session.plaintext().expect(record.readableBytes());
        records.fireChannelRead(record);
        if (!records.channel().isActive()) {
            kept.clear(); // the record was refused, which was told
        } else if (!session.isEstablished()) {
            awaitTurn(records);
        } else if (kept.size() > 0) {
            fail(records); // the last record of a handshake answers one of ours, and could not be here yet
        }
        records.fireChannelReadComplete();
    }
}
