package dev.sluice.simulation;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultChannelPromise;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.AbstractScheduledEventExecutor;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Ticker;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.TimeUnit;

/** An event loop of Netty whose tasks are run one by one, when {@link VirtualTime} says so. */
final class VirtualLoop extends AbstractScheduledEventExecutor implements EventLoop {

    private final String name;
    private final VirtualTime time;
    private final Queue<Runnable> tasks = new ArrayDeque<>();
    private boolean isRunning;

    VirtualLoop(String name, VirtualTime time) {
        this.name = name;
        this.time = time;
    }

    boolean isReady() {
        return !tasks.isEmpty() || nextNanos() <= time.nanos();
    }

    /** When its next delayed task is due. */
    long nextNanos() {
        long deadline = nextScheduledTaskDeadlineNanos();
        return deadline < 0 ? Long.MAX_VALUE : deadline;
    }

    /** Runs one task as the thread of this loop would; what it throws ends the simulation. */
    void runOne() {
        isRunning = true;
        try {
            Runnable due = pollScheduledTask(time.nanos());
            if (due != null) {
                tasks.add(due);
            }
            tasks.remove().run();
        } finally {
            isRunning = false;
        }
    }

    @Override
    public void execute(Runnable task) {
        tasks.add(task);
    }

    /** Only while a task of it runs: for another loop, and for the outside, this is another thread. */
    @Override
    public boolean inEventLoop(Thread thread) {
        return isRunning;
    }

    @Override
    public Ticker ticker() {
        return new Ticker() {
            @Override
            public long initialNanoTime() {
                return 0;
            }

            @Override
            public long nanoTime() {
                return time.nanos();
            }

            @Override
            public void sleep(long delay, TimeUnit unit) {
                throw new UnsupportedOperationException("an event loop does not sleep");
            }
        };
    }

    @Override
    public EventLoop next() {
        return this;
    }

    @Override
    public EventLoopGroup parent() {
        return this;
    }

    @Override
    public ChannelFuture register(Channel channel) {
        return register(new DefaultChannelPromise(channel, this));
    }

    @Override
    public ChannelFuture register(ChannelPromise promise) {
        promise.channel().unsafe().register(this, promise);
        return promise;
    }

    @Override
    @Deprecated
    public ChannelFuture register(Channel channel, ChannelPromise promise) {
        channel.unsafe().register(this, promise);
        return promise;
    }

    @Override
    public boolean isShuttingDown() {
        return false;
    }

    @Override
    public boolean isShutdown() {
        return false;
    }

    @Override
    public boolean isTerminated() {
        return false;
    }

    @Override
    public Future<?> shutdownGracefully(long quietPeriod, long timeout, TimeUnit unit) {
        return newSucceededFuture(null);
    }

    @Override
    public Future<?> terminationFuture() {
        return newSucceededFuture(null);
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) {
        return false;
    }

    @Override
    @Deprecated
    public void shutdown() {
        // it ends with its simulation
    }

    @Override
    public String toString() {
        return name;
    }
}
