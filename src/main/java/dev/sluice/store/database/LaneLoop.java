package dev.sluice.store.database;

import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.EpollSocketChannelConfig;
import io.netty.channel.socket.DatagramChannel;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import reactor.netty.resources.LoopResources;

/**
 * The event loop of one lane. All connections of the lane, one after the other, live on this loop, and so does the lane
 * itself; left to the driver, two lanes may end up sharing a loop.
 *
 * <p>It also knows the lane's socket, which the driver does not show: the driver closes a connection by sending a
 * message, which never ends when the host is frozen and the send buffer is full.
 */
public final class LaneLoop implements LoopResources {

    private static final Duration USER_TIMEOUT = Duration.ofMinutes(1);
    private static final int KEEP_ALIVE_IDLE_SECONDS = 15;
    private static final int KEEP_ALIVE_INTERVAL_SECONDS = 5;
    private static final int KEEP_ALIVE_PROBES = 3;

    private final LoopResources shared;
    private final EventLoop loop;
    private final Scheduler scheduler;
    private final int userTimeoutMillis;

    /** The connection; and for a moment, when the answer to a DNS query is long, the one to the name server. */
    private final Set<Channel> sockets = ConcurrentHashMap.newKeySet();

    /** For what is no lane: nothing that it sends waits long. */
    public LaneLoop(LoopResources shared) {
        this(shared, USER_TIMEOUT);
    }

    /**
     * A loop of those that are shared.
     *
     * @param userTimeout how long the kernel lets sent bytes wait for room at the other end before it gives the
     *     connection up; no shorter than the batch deadline, because a server that waits for a lock reads nothing
     *     either
     */
    public LaneLoop(LoopResources shared, Duration userTimeout) {
        this.shared = shared;
        this.userTimeoutMillis = Math.toIntExact(userTimeout.toMillis());
        loop = shared.onClient(LoopResources.DEFAULT_NATIVE).next();
        scheduler = Schedulers.fromExecutorService(loop);
    }

    private LaneLoop(LaneLoop parent) {
        shared = parent;
        userTimeoutMillis = parent.userTimeoutMillis;
        loop = parent.loop;
        scheduler = parent.scheduler;
    }

    /** The same loop, with an eye of its own on the sockets that are made through it; the parent sees them, too. */
    LaneLoop nested() {
        return new LaneLoop(this);
    }

    /** Runs tasks, also delayed ones, on the lane's loop. */
    public Scheduler scheduler() {
        return scheduler;
    }

    public Executor executor() {
        return loop;
    }

    public boolean isConnected() {
        return sockets.stream().anyMatch(Channel::isActive);
    }

    /**
     * Closes the socket at once and without sending what is still buffered. What waits for an answer on it gets an
     * error; a server that is frozen learns of it when it thaws, and does not go on with half a COPY.
     */
    @SuppressWarnings("FutureReturnValueIgnored") // the channel tells by becoming inactive
    public void abort() {
        for (Channel socket : sockets) {
            if (socket.isOpen()) {
                socket.config().setOption(ChannelOption.SO_LINGER, 0);
                socket.close();
            }
        }
    }

    @Override
    public EventLoopGroup onClient(boolean preferNative) {
        return loop;
    }

    @Override
    public EventLoopGroup onServer(boolean preferNative) {
        throw new UnsupportedOperationException("a lane is a client");
    }

    /** The driver's socket is made here, and so are those of the resolver that looks up the server's name. */
    @Override
    @SuppressWarnings("FutureReturnValueIgnored") // the channel tells by its close future
    public <C extends Channel> C onChannel(Class<C> type, EventLoopGroup group) {
        C created = shared.onChannel(type, group);
        // Netty's default, the adaptive allocator, can park an event loop while it grows.
        created.config().setAllocator(PooledByteBufAllocator.DEFAULT);
        if (!(created instanceof DatagramChannel)) {
            noticeDeadPeer(created.config());
            created.pipeline().addFirst(new StartupMessageFilter());
            sockets.add(created);
            created.closeFuture().addListener(closed -> sockets.remove(created));
        }
        return created;
    }

    /** Only epoll has these options here. The driver turns keep-alive on. */
    private void noticeDeadPeer(ChannelConfig config) {
        if (config instanceof EpollSocketChannelConfig epoll) {
            epoll.setTcpUserTimeout(userTimeoutMillis);
            epoll.setTcpKeepIdle(KEEP_ALIVE_IDLE_SECONDS);
            epoll.setTcpKeepIntvl(KEEP_ALIVE_INTERVAL_SECONDS);
            epoll.setTcpKeepCnt(KEEP_ALIVE_PROBES);
        }
    }

    /**
     * Reactor Netty keeps a resolver of names, with its socket and cache, for each hash of a {@link LoopResources} that
     * connected, and never gives one back. Those of one event loop are equal, so it keeps one.
     *
     * @see <a href="https://github.com/reactor/reactor-netty/issues/3316">reactor-netty issue 3316</a>
     */
    @Override
    public int hashCode() {
        return loop.hashCode();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof LaneLoop that && that.loop.equals(loop);
    }

    @Override
    public <C extends Channel> Class<? extends C> onChannelClass(Class<C> type, EventLoopGroup group) {
        return shared.onChannelClass(type, group);
    }

    @Override
    public boolean daemon() {
        return shared.daemon();
    }
}
