package dev.sluice.listen.admission;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Who is connected to one listener, by address, of IPv6 by the /64 that one customer or one machine usually has: how
 * often, and how much of its rate each has used. Asked when a connection comes and goes, never for an event.
 *
 * <p>What it holds: an entry a source that is connected, and those that left within the last seconds, because a rate
 * that a new connection would reset is none; of these no more than connections are allowed.
 */
public final class Sources {

    private static final int IPV6_BITS = 64;

    private final Limits limits;
    private final Map<ByteBuffer, Source> known = new HashMap<>();
    private final ArrayDeque<Source> left = new ArrayDeque<>();

    public Sources(Limits limits) {
        this.limits = limits;
    }

    /** One source. */
    public static final class Source {
        private final ByteBuffer key;
        private final @Nullable TokenBucket rate;
        private int connections;
        private boolean isLeft;

        Source(ByteBuffer key, @Nullable TokenBucket rate) {
            this.key = key;
            this.rate = rate;
        }

        /** What its connections share, where a rate is limited. */
        @Nullable
        public TokenBucket rate() {
            return rate;
        }
    }

    /** Whether there is anything to keep of a source. */
    boolean areCounted() {
        return limits.perSourceMax() > 0 || limits.bytesPerSecondMax() > 0;
    }

    /** Counts a connection from {@code address}; null when it has as many as it may. */
    synchronized @Nullable Source admit(InetAddress address) {
        forgetWhoLeft();
        Source source = known.computeIfAbsent(key(address), this::source);
        if (limits.perSourceMax() > 0 && source.connections >= limits.perSourceMax()) {
            return null;
        }
        source.connections++;
        return source;
    }

    /** Whether {@code address} has as many connections as it may. */
    synchronized boolean isFull(InetAddress address) {
        Source source = limits.perSourceMax() > 0 ? known.get(key(address)) : null;
        return source != null && source.connections >= limits.perSourceMax();
    }

    /** A connection of {@code source} is gone. */
    public synchronized void leave(@Nullable Source source) {
        if (source == null) {
            return; // its connections are not counted
        }
        source.connections--;
        if (source.connections == 0 && !source.isLeft) {
            source.isLeft = true;
            left.add(source);
        }
        forgetWhoLeft();
    }

    /** How many are kept. */
    synchronized int size() {
        return known.size();
    }

    private Source source(ByteBuffer key) {
        long rate = limits.bytesPerSecondMax();
        return new Source(key, rate > 0 ? new TokenBucket(rate, System::nanoTime) : null);
    }

    private void forgetWhoLeft() {
        for (Source next = left.peek(); next != null && isForgettable(next); next = left.peek()) {
            left.remove();
            next.isLeft = false;
            if (next.connections == 0) {
                known.remove(next.key);
            }
        }
    }

    private boolean isForgettable(Source source) {
        TokenBucket rate = source.rate;
        return source.connections > 0 || rate == null || rate.isUnused() || left.size() > limits.connectionsMax();
    }

    /** The addresses that count as one source, as text. */
    public static String groupOf(InetAddress address) {
        byte[] bytes = Network.plain(address);
        return bytes.length == 4
                ? address.getHostAddress()
                : Network.around(bytes, IPV6_BITS).toString();
    }

    private static ByteBuffer key(InetAddress address) {
        byte[] bytes = Network.plain(address);
        return ByteBuffer.wrap(bytes.length == 4 ? bytes : Network.masked(bytes, IPV6_BITS));
    }
}
