package dev.sluice.listen;

import dev.sluice.event.Origin;
import dev.sluice.event.Protocol;
import dev.sluice.listen.report.ListenObserver;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** Counts what the listeners report. */
public final class CountingObserver implements ListenObserver {

    final AtomicInteger opened = new AtomicInteger();
    final AtomicInteger acceptsFailed = new AtomicInteger();
    final AtomicInteger wentOn = new AtomicInteger();
    public final AtomicInteger acks = new AtomicInteger();
    final AtomicInteger throttled = new AtomicInteger();
    public final AtomicLong bytes = new AtomicLong();
    public final AtomicLong events = new AtomicLong();
    public final Map<Discard, Long> discarded = new ConcurrentHashMap<>();
    final Map<String, Long> left = new ConcurrentHashMap<>();
    final Queue<Wait> waits = new ConcurrentLinkedQueue<>();
    public final Queue<Refusal> refused = new ConcurrentLinkedQueue<>();
    public final Queue<CloseReason> closed = new ConcurrentLinkedQueue<>();

    @Override
    public void acceptFailed(String listener) {
        acceptsFailed.incrementAndGet();
    }

    @Override
    public void opened(String listener) {
        opened.incrementAndGet();
    }

    @Override
    public void closed(String listener, CloseReason reason) {
        closed.add(reason);
    }

    @Override
    public void left(String source, long sent) {
        left.merge(source, sent, Long::sum);
    }

    @Override
    public void refused(String listener, Refusal reason) {
        refused.add(reason);
    }

    @Override
    public void read(Origin origin, int count, int completed, long busyNanos) {
        bytes.addAndGet(count);
        events.addAndGet(completed);
    }

    @Override
    public void discarded(Origin origin, Discard why, int count) {
        discarded.merge(why, (long) count, Long::sum);
    }

    @Override
    public void wentOn(Origin origin, int count) {
        wentOn.addAndGet(count);
    }

    @Override
    public void acknowledged(Protocol protocol, int count) {
        acks.addAndGet(count);
    }

    @Override
    public Pause throttled(Origin origin, Wait why) {
        throttled.incrementAndGet();
        waits.add(why);
        return throttled::decrementAndGet;
    }
}
