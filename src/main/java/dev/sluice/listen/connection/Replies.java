package dev.sluice.listen.connection;

import dev.sluice.event.Protocol;
import dev.sluice.event.Reply;
import dev.sluice.listen.budget.ReadAllowance;
import dev.sluice.listen.connection.ConnectionEffects.Mark;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What one connection is to be told, in order, and what of it is due; {@link ReplyWriter} writes it. Each entry waits
 * until its delivery is committed; whatever is due up to the first that is not is written as one, however many
 * deliveries a batch committed. It knows no channel, no clock and no timer.
 *
 * <p>What is queued and what is written and not yet taken counts in the budget, an entry with its bytes and with what
 * it takes beside them; {@link #isFull} stops the reads of a shipper that has many, or that does not take its replies.
 * On the connection's event loop, but for {@link Entry#run}.
 */
final class Replies {

    /** What the entries of a connection may weigh, but for those of one read. */
    static final int BYTES_MAX = 64 * 1024;

    /** Well below the 30 s after which Beats give up. */
    static final long KEEP_ALIVE_SECONDS = 5;

    /** Twice a period, so that no more than one passes between what was written last and the next keep-alive. */
    private static final long KEEP_ALIVE_POLL_NANOS = TimeUnit.SECONDS.toNanos(KEEP_ALIVE_SECONDS) / 2;

    /** A shipper that takes no reply for so long takes none any more, though its kernel may still answer ours. */
    static final long STUCK_NANOS = TimeUnit.MINUTES.toNanos(5);

    /** Its answers take of the budget; while others wait for that, it has no longer than a partial frame has. */
    static final long STUCK_WANTED_NANOS = TimeUnit.SECONDS.toNanos(10);

    /** What a poll counts for at most; they come once a second, unless the process stands still. */
    private static final long POLL_NANOS_MAX = TimeUnit.SECONDS.toNanos(1);

    private static final int ENTRY_BYTES = 64;

    private final ReadAllowance allowance;
    private final Runnable onDue;
    private final ArrayDeque<Entry> entries = new ArrayDeque<>();
    private int weight;
    private int unwritten;
    private int unwrittenBytes;

    /** Whether the shipper took something since the last poll, or had nothing to take. */
    private boolean taken = true;

    private long polledNanos;
    private long stuckNanos;

    /** The protocol of what was acknowledged. */
    private @Nullable Protocol acknowledged;

    /** When to look whether the shipper was left without a word; only while it waits for something. */
    private final Deadline keepAlive = new Deadline();

    /** Whether nothing was written since that was looked at last. */
    private boolean quiet;

    private boolean paused;
    private volatile boolean gone;

    /**
     * Those of a connection.
     *
     * @param onDue is run, on any thread, when an entry has become due
     */
    Replies(ReadAllowance allowance, Runnable onDue) {
        this.allowance = allowance;
        this.onDue = onDue;
    }

    /** A reply, and the ack of the delivery that it waits for. */
    final class Entry implements Runnable {
        private final Protocol protocol;
        private final Reply reply;
        private final @Nullable Mark mark;
        private volatile boolean due;

        private Entry(Protocol protocol, Reply reply, @Nullable Mark mark) {
            this.protocol = protocol;
            this.reply = reply;
            this.mark = mark;
        }

        private int weight() {
            return ENTRY_BYTES + reply.bytes().length;
        }

        /** The delivery is committed. Any thread. */
        @Override
        public void run() {
            due = true;
            if (!gone) {
                onDue.run();
            }
        }
    }

    /**
     * Entries that left the line as one.
     *
     * @param weight what they count in the budget
     * @param acks how many acknowledgements are among them
     * @param mark what stands at their end
     */
    record Portion(
            int weight,
            int acks,
            @Nullable Protocol protocol,
            @Nullable Mark mark) {

        /** What keeps a shipper patient. */
        static final Portion KEEP_ALIVE = new Portion(0, 0, null, null);
    }

    /** Puts a reply in line that is due when the delivery is committed whose ack this returns. */
    Runnable whenCommitted(Protocol protocol, Reply reply) {
        return add(new Entry(protocol, reply, null));
    }

    /** Puts a reply in line that is due as soon as everything before is answered. */
    void add(Protocol protocol, Reply reply) {
        add(new Entry(protocol, reply, null)).run();
    }

    /** Puts a mark in line. */
    void mark(Mark mark) {
        add(new Entry(Protocol.SYSLOG, Reply.NOTHING, mark)).run();
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

    /** Whether no more should be read for now. */
    boolean isFull() {
        return weight + unwrittenBytes >= BYTES_MAX; // a channel whose output was shut down is never writable
    }

    /** The connection is gone; its event loop may be the next. */
    void forget() {
        gone = true;
        entries.clear();
        allowance.answered(weight);
        weight = 0;
        paused = false;
        keepAlive.clear();
    }

    /** How many entries are due, up to the first after which something is to be done. */
    int due() {
        int due = 0;
        for (Entry next : entries) {
            if (!next.due) {
                break;
            }
            due++;
            if (next.mark != null) {
                break;
            }
        }
        return due;
    }

    /** How many bytes the first {@code count} entries are. */
    int bytesOf(int count) {
        return weightOf(count) - count * ENTRY_BYTES;
    }

    private int weightOf(int count) {
        Iterator<Entry> places = entries.iterator();
        int weighed = 0;
        for (int i = 0; i < count; i++) {
            weighed += places.next().weight();
        }
        return weighed;
    }

    /** Takes the first {@code count} entries out of the line; {@code into} is given their bytes. */
    Portion take(int count, Consumer<byte[]> into) {
        int weighed = weightOf(count);
        int acks = 0;
        Mark mark = null;
        for (int i = 0; i < count; i++) {
            Entry next = entries.remove();
            into.accept(next.reply.bytes());
            if (next.reply.acks() > 0) {
                acknowledged = next.protocol; // a connection has one
                acks += next.reply.acks();
            }
            mark = next.mark; // only the last has one
        }
        weight -= weighed;
        return new Portion(weighed, acks, acknowledged, mark);
    }

    /** Whether {@code portion}, which has no bytes, has nothing to wait for; then it has left. */
    boolean leavesAtOnce(Portion portion) {
        boolean isAlone = unwritten == 0;
        if (isAlone) {
            allowance.answered(portion.weight());
        }
        return isAlone;
    }

    /** {@code portion} is being written. */
    void writing(Portion portion, boolean hasBytes) {
        taken |= unwritten == 0;
        quiet &= !hasBytes;
        unwritten++;
        unwrittenBytes += portion.weight();
    }

    /** {@code portion} has left, or never will. */
    void written(Portion portion) {
        unwritten--;
        unwrittenBytes -= portion.weight();
        allowance.answered(portion.weight());
        taken = true;
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

    /** Whether the shipper's bytes are not even read, so that it waits for more than what is in line. */
    void paused(boolean isPaused) {
        paused = isPaused;
    }

    /** Whether it is looked at now and then whether the shipper was left without a word. */
    boolean isKeptPatient() {
        return keepAlive.isSet();
    }

    /** The shipper waits for something from here on, and wants to hear that it does so rightly. */
    void keepPatient(long nowNanos) {
        quiet = false; // it has only begun to wait
        keepAlive.set(KEEP_ALIVE_POLL_NANOS, nowNanos);
    }

    /** How long until a keep-alive may be due. */
    long dueIn(long nowNanos) {
        return keepAlive.dueIn(nowNanos);
    }

    /** Whether a keep-alive is to be written now. */
    boolean takeKeepAlive(long nowNanos) {
        if (!keepAlive.isDue(nowNanos)) {
            return false;
        }
        keepAlive.clear();
        boolean waits = paused || !entries.isEmpty();
        boolean due = waits && quiet && unwritten == 0;
        if (waits) {
            quiet = true;
            keepAlive.set(KEEP_ALIVE_POLL_NANOS, nowNanos);
        }
        return due;
    }
}
