package dev.sluice.listen;

import dev.sluice.listen.admission.AcceptFilter;
import dev.sluice.listen.admission.AcceptPause;
import dev.sluice.listen.admission.AdmissionGate;
import dev.sluice.listen.admission.Descriptors;
import dev.sluice.listen.admission.Gate;
import dev.sluice.listen.admission.Network;
import dev.sluice.listen.admission.ProxyGate;
import dev.sluice.listen.admission.Sources;
import dev.sluice.listen.connection.ConnectionSweeper;
import dev.sluice.listen.connection.ListenerContext;
import dev.sluice.listen.connection.PendingConnection;
import dev.sluice.listen.connection.ShipperConnection;
import dev.sluice.listen.intake.Framing;
import dev.sluice.listen.intake.Intake;
import dev.sluice.listen.netty.AcceptQueue;
import dev.sluice.listen.report.ConnectionView;
import dev.sluice.listen.report.ListenObserver;
import dev.sluice.listen.report.ListenObserver.Refusal;
import dev.sluice.listen.report.StrayClients;
import dev.sluice.listen.tls.TlsCredentials;
import dev.sluice.listen.tls.TlsGate;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.netty.Connection;
import reactor.netty.DisposableServer;
import reactor.netty.resources.LoopResources;
import reactor.netty.tcp.TcpServer;

/**
 * One listening port. Reactor Netty binds it and owns the event loops; reading is ours ({@link ShipperConnection}),
 * because its receiver reads up to 32 buffers ahead of demand (reactor-netty issue 1016) and counts buffers, not bytes.
 */
public final class TcpListener {

    /** What a connection may hold of direct memory while a proxy's header is awaited. */
    public static final long HEADER_BYTES_MAX = ProxyGate.HELD_BYTES_MAX;

    private static final int BACKLOG = 1024;

    /**
     * Nothing is accepted faster than event loops take it over: only they see that a connection is gone, and a storm of
     * those that are reset at once would take all places.
     */
    private static final int ON_THEIR_WAY_MAX = 64;

    private final ListenerSettings settings;
    private final ListenerContext context;
    private final LoopResources loops;
    private final Sources sources;
    private final List<Gate> gates;
    private final Map<EventLoop, ConnectionSweeper> sweepers = new ConcurrentHashMap<>();
    private final Set<PendingConnection> connections = ConcurrentHashMap.newKeySet();

    /** Those that are accepted, and that no event loop has taken over yet. */
    private final Set<Channel> onTheirWay = ConcurrentHashMap.newKeySet();

    private final Sinks.Empty<Void> allClosed = Sinks.empty();
    private volatile Descriptors descriptors = Descriptors.unlimited();
    private volatile @Nullable DisposableServer server;
    private volatile boolean draining;
    private volatile boolean stoppedListening;
    private boolean ended;

    /** A listener that is not bound yet. */
    public TcpListener(
            ListenerSettings settings, Framing framing, Intake intake, ListenObserver observer, LoopResources loops) {
        this.settings = settings;
        this.loops = loops;
        context = new ListenerContext(
                settings.name(),
                framing,
                intake.budget(),
                intake,
                observer,
                new StrayClients(settings.name(), System::nanoTime),
                settings.limits().times());
        sources = new Sources(settings.limits());
        gates = gates();
    }

    /** In the order in which a connection meets them. */
    private List<Gate> gates() {
        List<Gate> all = new ArrayList<>();
        List<Network> proxies = settings.proxies();
        if (proxies != null) {
            all.add(new ProxyGate(proxies));
        }
        all.add(new AdmissionGate(settings.limits().allow(), sources));
        TlsCredentials tls = settings.tls();
        if (tls != null) {
            all.add(new TlsGate(
                    tls, settings.limits().times(), context.strays())); // the last, since it may hand on what it read
        }
        return List.copyOf(all);
    }

    /** Has it take no more connections than all listeners together may; before it starts. */
    public void within(Descriptors all) {
        descriptors = all;
    }

    /** Binds the port and accepts connections; a port that is taken is an error at once. */
    public void start() {
        server = TcpServer.create()
                .host(settings.host())
                .port(settings.port())
                .runOn(loops)
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.SO_KEEPALIVE, true)
                .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
                .childOption(ChannelOption.AUTO_READ, false)
                // Netty's default, the adaptive allocator, can park an event loop while it grows.
                .childOption(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
                .doOnBound(bound -> bound.channel()
                        .pipeline()
                        .addFirst(
                                new AcceptPause(
                                        settings.name(),
                                        descriptors,
                                        () -> context.observer().acceptFailed(settings.name())),
                                new AcceptFilter(context.name(), context.observer(), this::refusalOf, this::expect)))
                .doOnConnection(this::accept)
                .bindNow();
    }

    /** Its name and address, for the log. */
    @Override
    public String toString() {
        return settings.name() + " on " + settings.host() + ":" + port();
    }

    /** What the operator calls it. */
    public String name() {
        return settings.name();
    }

    /** The port it is bound to. */
    public int port() {
        DisposableServer bound = server;
        return bound == null ? settings.port() : bound.port();
    }

    /** How many connections are open. */
    public int connections() {
        return connections.size();
    }

    /** Shows how each connection is that has passed the gates. Any thread. */
    public void look(Consumer<ConnectionView> looker) {
        connections.forEach(each -> Optional.ofNullable(each.view()).ifPresent(looker));
    }

    /**
     * Stops accepting, half-closes every connection and reads what shippers still send, for at most {@code limit};
     * completes when every connection is closed, with how many had not ended by themselves. In this order: a shipper
     * that is half-closed connects anew at once, and must find another replica.
     */
    public Mono<Integer> drain(Duration limit) {
        return Mono.defer(() -> stopListening()
                .then(Mono.fromRunnable(this::drainAll))
                .then(allClosed.asMono().thenReturn(0).timeout(limit, Mono.fromSupplier(this::closeAll)))
                .flatMap(cut -> allClosed.asMono().thenReturn(cut)));
    }

    private Mono<Void> stopListening() {
        DisposableServer bound = server;
        if (bound == null) {
            return Mono.empty();
        }
        bound.channel().eventLoop().execute(() -> {
            try {
                AcceptQueue.take(bound.channel(), 2 * BACKLOG); // it may fill while it is emptied
            } finally {
                bound.dispose();
            }
        });
        return bound.onDispose();
    }

    private void drainAll() {
        draining = true;
        connections.forEach(PendingConnection::drain);
        stoppedListening = true;
        signalWhenEmpty();
    }

    private int closeAll() {
        synchronized (this) {
            ended = true; // a connection that came later would not be among those that are closed
        }
        int cut = connections.size() + onTheirWay.size();
        connections.forEach(PendingConnection::closeForDrain);
        signalWhenEmpty();
        return cut;
    }

    /** What can be said of a connection before anything is read. */
    private @Nullable Refusal refusalOf(@Nullable InetAddress socket) {
        if (connections.size() >= settings.limits().connectionsMax()) {
            return Refusal.MAX_CONNECTIONS;
        }
        return descriptors.isSpent() ? Refusal.DESCRIPTORS : gates.getFirst().refusalOf(socket);
    }

    /** It will be {@link #accept accepted}, unless it closes before that. */
    private void expect(Channel accepted) {
        descriptors.opened(accepted);
        onTheirWay.add(accepted);
        accepted.closeFuture().addListener(closed -> taken(accepted));
        if (onTheirWay.size() >= ON_THEIR_WAY_MAX) {
            accepted.parent().config().setAutoRead(false);
            acceptOn(accepted.parent()); // they may have arrived meanwhile
        }
    }

    private void taken(Channel accepted) {
        if (onTheirWay.remove(accepted)) {
            acceptOn(accepted.parent());
            signalWhenEmpty();
        }
    }

    private void acceptOn(Channel listening) {
        boolean isPaused = !listening.config().isAutoRead();
        if (isPaused && listening.isActive() && onTheirWay.size() <= ON_THEIR_WAY_MAX / 2) {
            listening.config().setAutoRead(true);
        }
    }

    /** Counted, then through the gates: only what has passed them reads events. */
    private void accept(Connection accepted) {
        PendingConnection pending = new PendingConnection(context, accepted.channel(), this::closed);
        boolean isAdmitted = admit(pending);
        taken(accepted.channel());
        sweepers(accepted.channel()).add(pending);
        pending.enter(handler -> accepted.addHandlerLast("sluice", handler));
        if (!isAdmitted) {
            pending.refuse(Refusal.DRAINING);
        } else if (connections.size() > settings.limits().connectionsMax()) {
            pending.refuse(Refusal.MAX_CONNECTIONS);
        } else {
            pending.enterGates(gates);
            if (draining) {
                pending.drain(); // it was on its way: what its shipper has sent already is not lost
            }
        }
    }

    /** Lets it in as long as something reads what it brings: the end is final. */
    private synchronized boolean admit(PendingConnection pending) {
        if (!ended) {
            connections.add(pending);
        }
        return !ended;
    }

    private synchronized boolean isOver() {
        boolean isOver = stoppedListening && connections.isEmpty() && (ended || onTheirWay.isEmpty());
        ended |= isOver;
        return isOver;
    }

    private ConnectionSweeper sweepers(Channel channel) {
        return sweepers.computeIfAbsent(
                channel.eventLoop(), loop -> new ConnectionSweeper(loop, settings.timeLimits(), System::nanoTime));
    }

    private void closed(PendingConnection pending) {
        sources.leave(pending.source());
        sweepers(pending.channel()).remove(pending);
        connections.remove(pending);
        signalWhenEmpty();
    }

    private void signalWhenEmpty() {
        if (isOver()) {
            allClosed.emitEmpty((signal, result) -> result == Sinks.EmitResult.FAIL_NON_SERIALIZED);
        }
    }
}
