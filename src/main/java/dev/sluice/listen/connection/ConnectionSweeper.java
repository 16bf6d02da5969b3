package dev.sluice.listen.connection;

import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Polls the connections of one listener on one event loop, now and then, whether their time is over. One timer for all
 * of them, so that a connection costs nothing but the poll, and an event nothing at all. On its event loop only.
 */
public final class ConnectionSweeper {

    /** What is polled. */
    interface Swept {
        /** Closes itself if its time is over. */
        void onTick(long nowNanos);

        /** Where it is told when that failed. */
        Channel channel();
    }

    private static final Duration EVERY_MIN = Duration.ofMillis(10);
    private static final Duration EVERY_MAX = Duration.ofSeconds(1);

    private final EventLoop loop;
    private final long everyNanos;
    private final LongSupplier clock;
    private final Set<Swept> swept = Collections.newSetFromMap(new IdentityHashMap<>());
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
        if (timer == null) {
            timer = loop.scheduleWithFixedDelay(this::go, everyNanos, everyNanos, TimeUnit.NANOSECONDS);
        }
    }

    public void remove(Swept one) {
        swept.remove(one);
        Future<?> running = timer;
        if (swept.isEmpty() && running != null) {
            running.cancel(false);
            timer = null;
        }
    }

    private void go() {
        long now = clock.getAsLong();
        for (Swept one : swept.toArray(Swept[]::new)) {
            onTick(one, now);
        }
    }

    /** What goes wrong with one must not end the timer of all. */
    private static void onTick(Swept one, long now) {
        try {
            one.onTick(now);
        } catch (Throwable failure) {
            one.channel().pipeline().fireExceptionCaught(failure);
        }
    }
}
