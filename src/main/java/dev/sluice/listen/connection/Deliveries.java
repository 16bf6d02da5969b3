package dev.sluice.listen.connection;

import dev.sluice.event.Delivery;
import dev.sluice.event.FirstBytes;
import dev.sluice.event.Origin;
import dev.sluice.event.Protocol;
import dev.sluice.event.Reply;
import dev.sluice.listen.budget.ReadAllowance;
import dev.sluice.listen.budget.ReadSource;
import dev.sluice.listen.intake.FrameSink;
import dev.sluice.listen.intake.FramedRead;
import dev.sluice.listen.intake.Intake;
import dev.sluice.listen.report.ListenObserver;
import dev.sluice.listen.report.StrayClients;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Takes what one connection framed to the {@link Intake}, each delivery with the reply that its commit brings, and
 * knows how much of it waits there. On the connection's event loop, but for {@link #taken}.
 */
final class Deliveries implements FrameSink, Intake.Sender {

    private final ShipperConnection connection;
    private final ListenerContext listener;
    private final ReadAllowance allowance;
    private final ReplyWriter writer;
    private final Replies replies;
    private final AtomicInteger ahead = new AtomicInteger();

    /** Bytes that were read and are not counted yet: the protocol may not be known before they are framed. */
    private int uncounted;

    Deliveries(ShipperConnection connection, ListenerContext listener, ReadAllowance allowance, ReplyWriter writer) {
        this.connection = connection;
        this.listener = listener;
        this.allowance = allowance;
        this.writer = writer;
        replies = writer.replies();
    }

    /** {@code bytes} were read. */
    void read(int bytes) {
        uncounted += bytes;
    }

    /** They are framed, which took {@code busyNanos}. */
    void framed(Origin origin, long busyNanos) {
        count(origin, 0, busyNanos);
    }

    private void count(Origin origin, int events, long busyNanos) {
        listener.observer().read(origin, uncounted, events, busyNanos);
        uncounted = 0;
    }

    @Override
    public void deliver(FramedRead read, Origin origin, long readNanos, long receivedAtMicros) {
        count(origin, read.events(), 0); // before another thread can store it
        if (read.rests() > 0) {
            listener.observer().wentOn(origin, read.rests());
        }
        ahead.addAndGet(read.weight());
        allowance.queue(read.weight());
        Runnable ack = origin.protocol().isAcknowledged()
                ? writer.whenCommitted(origin.protocol(), read.reply())
                : Delivery.NO_ACK;
        listener.intake().add(read, new Delivery(origin, receivedAtMicros, readNanos, read.frames(), ack), this);
    }

    @Override
    public void reply(Protocol protocol, Reply reply) {
        replies.add(protocol, reply);
    }

    @Override
    public void foreign(Origin origin, FirstBytes client) {
        listener.strays().cameFrom(origin.source(), client);
        if (client == FirstBytes.HTTP) {
            replies.add(origin.protocol(), StrayClients.HTTP_REPLY);
        }
    }

    @Override
    public void refused(Origin origin) {
        listener.strays().unauthorized(origin.source());
    }

    @Override
    public void discarded(Origin origin, ListenObserver.Discard why, int bytes) {
        listener.observer().discarded(origin, why, bytes);
    }

    @Override
    public boolean hasRoom(int bytes) {
        return !isAhead() && !replies.isFull() && allowance.mayHold(bytes);
    }

    /** Whether enough waits for the rail. */
    boolean isAhead() {
        return ahead.get() >= ReadAllowance.AHEAD_BYTES;
    }

    @Override
    public ReadSource source() {
        return allowance.source();
    }

    @Override
    public void taken(int bytes) {
        ahead.addAndGet(-bytes);
        connection.taken();
    }
}
