package dev.sluice.listen.connection;

import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Polls the connections of one listener on one event loop, now and then, whether their time is over, and tells each
 * when something of it is due. One timer for all of them, so that a connection costs nothing but the poll, and an event
 * nothing at all. On its event loop only.
 */
public final class ConnectionSweeper {

    /** What is polled. */
    interface Swept {
        /** Closes itself if its time is over; now and then. */
        void onTick(long nowNanos);

        /** Does what is due. */
        void onDue(long nowNanos);

        /** How long until something is due. */
        long dueIn(long nowNanos);

        /** From here on {@code sweeper} is told when that becomes less. */
        void sweptBy(ConnectionSweeper sweeper);

        /** Where it is told when that failed. */
        Channel channel();
    }

    private static final Duration EVERY_MIN = Duration.ofMillis(10);
    private static final Duration EVERY_MAX = Duration.ofSeconds(1);

    private final EventLoop loop;
    private final long everyNanos;
    private final LongSupplier clock;
    private final Set<Swept> swept = new LinkedHashSet<>();

    /** Those of them of which something is due before the next round. */
    private final Set<Swept> soon = new LinkedHashSet<>();

    private long roundNanos;
    private long timerNanos;
    private @Nullable Future<?> timer;

    /** One that polls often enough for these limits; one of 0 is none. */
    public ConnectionSweeper(EventLoop loop, List<Duration> limits, LongSupplier clock) {
        this.loop = loop;
        this.clock = clock;
        everyNanos = every(limits).toNanos();
    }

    /** A tenth of the shortest limit, so that none is passed by much. */
    private static Duration every(List<Duration> limits) {
        Duration every = EVERY_MAX;
        for (Duration limit : limits) {
            Duration part = limit.dividedBy(Patience.POLLS_PER_LIMIT);
            if (!limit.isZero() && part.compareTo(every) < 0) {
                every = part;
            }
        }
        return every.compareTo(EVERY_MIN) < 0 ? EVERY_MIN : every;
    }

    public void add(Swept one) {
        swept.add(one);
        one.sweptBy(this);
        if (timer == null) {
            roundNanos = clock.getAsLong() + everyNanos;
            arm(everyNanos);
        }
    }

    public void remove(Swept one) {
        swept.remove(one);
        soon.remove(one);
        if (swept.isEmpty()) {
            disarm();
        }
    }

    /** Something of {@code one} may be due sooner than it was. */
    void hurry(Swept one) {
        long now = clock.getAsLong();
        long due = one.dueIn(now);
        if (due < roundNanos - now && swept.contains(one)) {
            soon.add(one);
            if (timer != null && due < timerNanos - now) {
                disarm();
                arm(Math.max(due, 0));
            }
        }
    }

    private void arm(long delayNanos) {
        timerNanos = clock.getAsLong() + delayNanos;
        timer = loop.schedule(this::go, delayNanos, TimeUnit.NANOSECONDS);
    }

    private void disarm() {
        Future<?> running = timer;
        if (running != null) {
            running.cancel(false);
            timer = null;
        }
    }

    private void go() {
        timer = null; // what hurries meanwhile is found below
        long now = clock.getAsLong();
        boolean isRound = now - roundNanos >= 0;
        Swept[] all = (isRound ? swept : soon).toArray(Swept[]::new);
        for (Swept one : all) {
            sweep(one, now, isRound);
        }
        long end = clock.getAsLong();
        roundNanos = isRound ? end + everyNanos : roundNanos;
        for (Swept one : all) {
            note(one, end);
        }
        if (!swept.isEmpty()) {
            disarm(); // one that came meanwhile has set it
            arm(Math.max(next(end), EVERY_MIN.toNanos())); // the loop has other things to do
        }
    }

    private void note(Swept one, long now) {
        if (swept.contains(one) && one.dueIn(now) < roundNanos - now) {
            soon.add(one);
        } else {
            soon.remove(one);
        }
    }

    private long next(long now) {
        long next = roundNanos - now;
        for (Swept one : soon) {
            next = Math.min(next, one.dueIn(now));
        }
        return next;
    }

    /** What goes wrong with one must not end the timer of all. */
    private static void sweep(Swept one, long now, boolean isRound) {
        try {
            if (one.dueIn(now) <= 0) {
                one.onDue(now);
            }
            if (isRound) {
                one.onTick(now);
            }
        } catch (Throwable failure) {
            one.channel().pipeline().fireExceptionCaught(failure);
        }
    }
}
