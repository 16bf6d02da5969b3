package dev.sluice.listen.connection;

import static dev.sluice.listen.report.ConnectionFailure.guarded;

import dev.sluice.listen.admission.TokenBucket;
import io.netty.channel.Channel;
import org.jspecify.annotations.Nullable;

/**
 * One connection's share of what its source may send, and its place in the line for it. Where no rate is set it is
 * never asked to wait. On the connection's event loop, but for {@link #mayRead}.
 */
final class RateLimitedReads implements TokenBucket.Waiter {

    private final ShipperConnection connection;
    private final Channel channel;
    private @Nullable TokenBucket rate;

    RateLimitedReads(ShipperConnection connection, Channel channel, @Nullable TokenBucket rate) {
        this.connection = connection;
        this.channel = channel;
        this.rate = rate;
    }

    /** What of {@code bytes} the next read should take. */
    int atMost(int bytes) {
        TokenBucket shared = rate;
        return shared == null ? bytes : Math.min(bytes, shared.readBytesMax());
    }

    /** {@code bytes} came. */
    void read(int bytes) {
        TokenBucket shared = rate;
        if (shared != null) {
            shared.take(bytes);
        }
    }

    boolean mustWait() {
        TokenBucket shared = rate;
        return shared != null && shared.mustWait();
    }

    void join() {
        TokenBucket shared = rate;
        if (shared != null) {
            shared.await(this, channel.eventLoop());
        }
    }

    void leave() {
        TokenBucket shared = rate;
        if (shared != null) {
            shared.forget(this);
        }
    }

    /** From here on it may send as much as it likes. */
    void lift() {
        leave();
        rate = null;
    }

    @Override
    public void mayRead() {
        channel.eventLoop().execute(guarded(channel, connection::mayRead));
    }
}
