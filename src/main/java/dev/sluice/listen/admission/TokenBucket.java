package dev.sluice.listen.admission;

import dev.sluice.listen.budget.MemoryBudget;
import dev.sluice.listen.budget.ReadAllowance;
import dev.sluice.listen.report.ConnectionFailure;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * The bytes that all connections of one source may read: a bucket that fills with time, up to one second's worth. A
 * read takes what came, so that the bucket may owe some; then all of them wait in line until it has filled again. One
 * timer a source that waits, however many its connections and events are.
 *
 * <p>What it holds: its waiting connections, each once. Any thread.
 */
@SuppressWarnings("FutureReturnValueIgnored") // the timer is never cancelled: it finds nobody
public final class TokenBucket {

    /** A connection that waits. */
    public interface Waiter {
        /** It may read again. Called without locks, on any thread. */
        void mayRead();
    }

    /** So that a slow source is woken a few times a second, not for every event. */
    private static final long WAIT_NANOS_MIN = TimeUnit.MILLISECONDS.toNanos(50);

    /** A read should not take more than this part of a second's worth. */
    private static final int READS_PER_SECOND = 10;

    private final long bytesPerSecond;
    private final LongSupplier clock;
    private final Set<Waiter> waiting = new LinkedHashSet<>();
    private double available;
    private long filledNanos;
    private boolean timer;

    TokenBucket(long bytesPerSecond, LongSupplier clock) {
        this.bytesPerSecond = bytesPerSecond;
        this.clock = clock;
        available = bytesPerSecond;
        filledNanos = clock.getAsLong();
    }

    /** The most that one read should take. */
    public int readBytesMax() {
        long share = bytesPerSecond / READS_PER_SECOND;
        return Math.clamp(share, MemoryBudget.UNRESERVED_READ_BYTES, ReadAllowance.READ_BYTES);
    }

    /** {@code bytes} came. */
    public synchronized void take(int bytes) {
        fill();
        available -= bytes;
    }

    /** Whether a connection has to wait before it reads; those in line are not overtaken. */
    public synchronized boolean mustWait() {
        fill();
        return available <= 0 || !waiting.isEmpty();
    }

    /** Whether it is as if its source had never sent anything. */
    synchronized boolean isUnused() {
        fill();
        return available >= bytesPerSecond;
    }

    /** Puts {@code waiter} in line; {@code executor} runs the timer. */
    public synchronized void await(Waiter waiter, ScheduledExecutorService executor) {
        waiting.add(waiter);
        arm(executor);
    }

    /** {@code waiter} waits no more. */
    public synchronized void forget(Waiter waiter) {
        waiting.remove(waiter);
    }

    private void arm(ScheduledExecutorService executor) {
        if (!timer) {
            timer = true;
            long nanos = (long) (-available / bytesPerSecond * TimeUnit.SECONDS.toNanos(1));
            executor.schedule(() -> wake(executor), Math.max(nanos, WAIT_NANOS_MIN), TimeUnit.NANOSECONDS);
        }
    }

    /** A timer of Netty keeps to itself what it throws, and the source would wait for ever. */
    private void wake(ScheduledExecutorService executor) {
        try {
            next(executor).forEach(Waiter::mayRead);
        } catch (Throwable failure) {
            ConnectionFailure.escalate(failure);
        }
    }

    /** As many as there is room for, those who have waited longest. */
    private synchronized List<Waiter> next(ScheduledExecutorService executor) {
        timer = false;
        fill();
        List<Waiter> next = new ArrayList<>();
        double room = available;
        var line = waiting.iterator();
        while (room > 0 && line.hasNext()) {
            next.add(line.next());
            line.remove();
            room -= readBytesMax();
        }
        if (!waiting.isEmpty()) {
            arm(executor);
        }
        return next;
    }

    private void fill() {
        long now = clock.getAsLong();
        double filled = available + (double) (now - filledNanos) / TimeUnit.SECONDS.toNanos(1) * bytesPerSecond;
        available = Math.min((double) bytesPerSecond, filled);
        filledNanos = now;
    }
}
