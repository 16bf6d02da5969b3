package dev.sluice.listen.connection;

import static dev.sluice.listen.report.ConnectionFailure.guarded;

import dev.sluice.event.Protocol;
import dev.sluice.event.Reply;
import dev.sluice.listen.budget.ReadAllowance;
import dev.sluice.listen.connection.Replies.Portion;
import dev.sluice.listen.report.ListenObserver;
import dev.sluice.listen.report.ListenObserver.CloseReason;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Writes and flushes what of {@link Replies} is due, as one, and keeps the shipper patient meanwhile. A reply that
 * cannot be written ends the connection, for those after it would answer for it. On the connection's event loop, but
 * for what makes a reply due.
 */
@SuppressWarnings("FutureReturnValueIgnored") // what a write comes to is seen by its listener
final class ReplyWriter {

    private final Channel channel;
    private final ListenObserver observer;
    private final ShipperConnection connection;
    private final Replies replies;
    private final AtomicBoolean flushing = new AtomicBoolean();

    ReplyWriter(Channel channel, ListenObserver observer, ShipperConnection connection, ReadAllowance allowance) {
        this.channel = channel;
        this.observer = observer;
        this.connection = connection;
        replies = new Replies(allowance, this::flushLater);
    }

    /** What is to be written. */
    Replies replies() {
        return replies;
    }

    /** Puts a reply in line that is due when the delivery is committed whose ack this returns. */
    Runnable whenCommitted(Protocol protocol, Reply reply) {
        Runnable ack = replies.whenCommitted(protocol, reply);
        keepPatient();
        return ack;
    }

    /** The shipper waits because its bytes are not even read, or no longer. */
    void paused(boolean isPaused) {
        replies.paused(isPaused);
        if (isPaused) {
            keepPatient();
        }
    }

    private void keepPatient() {
        if (!replies.isKeptPatient() && !connection.keepAlive().isEmpty()) {
            replies.keepPatient(System.nanoTime());
            connection.hurry();
        }
    }

    /** Writes a keep-alive if one is due. */
    void onDue(long nowNanos) {
        if (replies.takeKeepAlive(nowNanos)) {
            write(Unpooled.wrappedBuffer(connection.keepAlive().bytes()), Portion.KEEP_ALIVE);
        }
    }

    /** Any thread. */
    private void flushLater() {
        if (flushing.compareAndSet(false, true)) {
            channel.eventLoop().execute(guarded(channel, this::flush));
        }
    }

    private void flush() {
        flushing.set(false); // before the check: what becomes due from here on brings another flush
        for (int due = replies.due(); due > 0; due = replies.due()) {
            ByteBuf bytes = channel.alloc().buffer(replies.bytesOf(due)); // it is there before they leave the line
            write(bytes, replies.take(due, bytes::writeBytes));
        }
        connection.replied();
    }

    private void write(ByteBuf bytes, Portion portion) {
        if (!bytes.isReadable() && replies.leavesAtOnce(portion)) {
            bytes.release();
            left(portion);
            return;
        }
        replies.writing(portion, bytes.isReadable());
        channel.writeAndFlush(bytes)
                .addListener(written -> guarded(channel, () -> {
                            replies.written(portion);
                            Protocol protocol = portion.protocol();
                            if (protocol != null && portion.acks() > 0 && written.isSuccess()) {
                                observer.acknowledged(protocol, portion.acks());
                            }
                            if (!written.isSuccess() && !(written.cause() instanceof IOException)) {
                                connection.close(CloseReason.ERROR); // Netty itself closes a broken socket
                            }
                            left(portion);
                        })
                        .run());
    }

    private void left(Portion portion) {
        ConnectionEffects.Mark mark = portion.mark();
        if (mark != null) {
            connection.answered(mark);
        }
        connection.replied(); // with the mark may have left what its reads wait for
    }
}
