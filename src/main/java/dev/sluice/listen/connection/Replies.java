package dev.sluice.listen.connection;

import static dev.sluice.listen.report.ConnectionFailure.guarded;

import dev.sluice.event.Protocol;
import dev.sluice.event.Reply;
import dev.sluice.listen.budget.ReadAllowance;
import dev.sluice.listen.report.ListenObserver;
import dev.sluice.listen.report.ListenObserver.CloseReason;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * What one connection is to be told, in order. Each entry waits until its delivery is committed; whatever is due up to
 * the first that is not is written and flushed as one, however many deliveries a batch committed.
 *
 * <p>What is queued and what is written and not yet taken counts in the budget, an entry with its bytes and with what
 * it takes beside them; {@link #isFull} stops the reads of a shipper that has many, or that does not take its replies.
 * A reply that cannot be written ends the connection, for those after it would answer for it. On the connection's event
 * loop, but for {@link Entry#run}.
 */
@SuppressWarnings("FutureReturnValueIgnored") // what a timer of the loop comes to is seen when it runs
final class Replies {

    /** What the entries of a connection may weigh, but for those of one read. */
    static final int BYTES_MAX = 64 * 1024;

    /** Well below the 30 s after which Beats give up. */
    static final long KEEP_ALIVE_SECONDS = 5;

    /** A shipper that takes no reply for so long takes none any more, though its kernel may still answer ours. */
    static final long STUCK_NANOS = TimeUnit.MINUTES.toNanos(5);

    /** Its answers take of the budget; while others wait for that, it has no longer than a partial frame has. */
    static final long STUCK_WANTED_NANOS = TimeUnit.SECONDS.toNanos(10);

    /** What a poll counts for at most; they come once a second, unless the process stands still. */
    private static final long POLL_NANOS_MAX = TimeUnit.SECONDS.toNanos(1);

    private static final int ENTRY_BYTES = 64;

    private final Channel channel;
    private final ListenObserver observer;
    private final ShipperConnection connection;
    private final ReadAllowance allowance;
    private final ArrayDeque<Entry> entries = new ArrayDeque<>();
    private final AtomicBoolean flushing = new AtomicBoolean();
    private int weight;
    private int unwritten;
    private int unwrittenBytes;

    /** Whether the shipper took something since the last poll, or had nothing to take. */
    private boolean taken = true;

    private long polledNanos;
    private long stuckNanos;

    /** The protocol of what was acknowledged. */
    private @Nullable Protocol acknowledged;

    private int gatheredAcks;
    private boolean timer;
    /** Whether nothing was written since the timer ran last. */
    private boolean quiet;

    private boolean paused;
    private volatile boolean gone;

    Replies(Channel channel, ListenObserver observer, ShipperConnection connection, ReadAllowance allowance) {
        this.channel = channel;
        this.observer = observer;
        this.connection = connection;
        this.allowance = allowance;
    }

    /** A reply, and the ack of the delivery that it waits for. */
    private final class Entry implements Runnable {
        private final Protocol protocol;
        private final Reply reply;
        private final @Nullable Runnable then;
        private volatile boolean due;

        Entry(Protocol protocol, Reply reply, @Nullable Runnable then) {
            this.protocol = protocol;
            this.reply = reply;
            this.then = then;
        }

        int weight() {
            return ENTRY_BYTES + reply.bytes().length;
        }

        /** The delivery is committed. Any thread. */
        @Override
        public void run() {
            due = true;
            if (!gone && flushing.compareAndSet(false, true)) {
                channel.eventLoop().execute(guarded(channel, Replies.this::flush));
            }
        }
    }

    /** Puts a reply in line that is due when the delivery is committed whose ack this returns. */
    Runnable whenCommitted(Protocol protocol, Reply reply) {
        Entry entry = new Entry(protocol, reply, null);
        add(entry);
        keepPatient();
        return entry;
    }

    /** Puts a reply in line that is due as soon as everything before is answered. */
    void add(Protocol protocol, Reply reply) {
        add(new Entry(protocol, reply, null)).run();
    }

    /** Runs {@code then} on the event loop when everything before is answered and has left. */
    void whenAnswered(Runnable then) {
        add(new Entry(Protocol.SYSLOG, Reply.NOTHING, then)).run();
    }

    private Entry add(Entry entry) {
        if (!gone) {
            entries.add(entry);
            weight += entry.weight();
            allowance.owe(entry.weight());
        }
        return entry;
    }

    /** Whether everything is answered and has left. */
    boolean isIdle() {
        return entries.isEmpty() && unwritten == 0;
    }

    /** Whether the shipper was acknowledged something, so that it reads what it is sent. */
    boolean hasAcknowledged() {
        return acknowledged != null;
    }

    /**
     * Notes whether the shipper takes what it is sent; time without polls is not the shipper's.
     *
     * @return for how long replies wait for nothing but the shipper, which took none
     */
    long poll(long nowNanos) {
        long passed = Math.min(nowNanos - polledNanos, POLL_NANOS_MAX);
        polledNanos = nowNanos;
        stuckNanos = unwritten == 0 || taken ? 0 : stuckNanos + passed;
        taken = false;
        return stuckNanos;
    }

    /** Whether no more should be read for now. */
    boolean isFull() {
        return weight + unwrittenBytes >= BYTES_MAX; // a channel whose output was shut down is never writable
    }

    /** The shipper waits because its bytes are not even read, or no longer. */
    void paused(boolean isPaused) {
        paused = isPaused;
        if (isPaused) {
            keepPatient();
        }
    }

    /** The connection is gone; its event loop may be the next. */
    void forget() {
        gone = true;
        entries.clear();
        allowance.answered(weight);
        weight = 0;
        paused = false;
    }

    private void flush() {
        flushing.set(false); // before the check: what becomes due from here on brings another flush
        for (int due = due(); due > 0; due = due()) {
            write(due);
        }
        connection.replied();
    }

    /** How many entries are due, up to the first after which something is to be done. */
    private int due() {
        int due = 0;
        for (Entry next : entries) {
            if (!next.due) {
                break;
            }
            due++;
            if (next.then != null) {
                break;
            }
        }
        return due;
    }

    /** Writes the first {@code count} entries as one. Their buffer is there before they leave the line. */
    private void write(int count) {
        Iterator<Entry> places = entries.iterator();
        int weighed = 0;
        for (int i = 0; i < count; i++) {
            weighed += places.next().weight();
        }
        ByteBuf bytes = channel.alloc().buffer(weighed - count * ENTRY_BYTES);
        Runnable then = connection::replied;
        for (int i = 0; i < count; i++) {
            Entry next = entries.remove();
            bytes.writeBytes(next.reply.bytes());
            if (next.reply.acks() > 0) {
                acknowledged = next.protocol; // a connection has one
                gatheredAcks += next.reply.acks();
            }
            then = next.then == null ? then : next.then; // only the last has one
        }
        weight -= weighed;
        write(bytes, weighed, then);
    }

    private void write(ByteBuf bytes, int weighed, Runnable then) {
        int acks = gatheredAcks;
        Protocol protocol = acknowledged;
        gatheredAcks = 0;
        if (!bytes.isReadable() && unwritten == 0) {
            bytes.release();
            allowance.answered(weighed);
            then.run(); // there is nothing to wait for
            return;
        }
        taken |= unwritten == 0;
        quiet &= !bytes.isReadable();
        unwritten++;
        unwrittenBytes += weighed;
        channel.writeAndFlush(bytes)
                .addListener(written -> guarded(channel, () -> {
                            unwritten--;
                            unwrittenBytes -= weighed;
                            allowance.answered(weighed);
                            taken = true;
                            if (protocol != null && acks > 0 && written.isSuccess()) {
                                observer.acknowledged(protocol, acks);
                            }
                            if (!written.isSuccess() && !(written.cause() instanceof IOException)) {
                                connection.close(CloseReason.ERROR); // Netty itself closes a broken socket
                            }
                            then.run();
                        })
                        .run());
    }

    /** A timer, only while the shipper waits for something. */
    private void keepPatient() {
        if (!timer && !connection.keepAlive().isEmpty()) {
            quiet = false; // it has only begun to wait
            pollLater();
        }
    }

    /** Twice a period, so that no more than one passes between what was written last and the next keep-alive. */
    private void pollLater() {
        timer = true;
        channel.eventLoop()
                .schedule(guarded(channel, this::keepAlive), KEEP_ALIVE_SECONDS * 500, TimeUnit.MILLISECONDS);
    }

    private void keepAlive() {
        timer = false;
        if (paused || !entries.isEmpty()) {
            boolean due = quiet && unwritten == 0;
            quiet = true;
            if (due) {
                write(Unpooled.wrappedBuffer(connection.keepAlive().bytes()), 0, connection::replied);
            }
            pollLater();
        }
    }
}
