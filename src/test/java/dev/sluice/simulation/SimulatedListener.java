package dev.sluice.simulation;

import dev.sluice.event.Framer;
import dev.sluice.event.Protocol;
import dev.sluice.event.ProtocolDetector;
import dev.sluice.listen.admission.Gate;
import dev.sluice.listen.admission.Limits;
import dev.sluice.listen.connection.ConnectionSweeper;
import dev.sluice.listen.connection.ListenerContext;
import dev.sluice.listen.connection.PendingConnection;
import dev.sluice.listen.intake.Framing;
import dev.sluice.listen.intake.Intake;
import dev.sluice.listen.report.StrayClients;
import dev.sluice.protocol.Protocols;
import io.netty.channel.ChannelOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/**
 * The real connections and their gates on loops of a simulation. In most worlds they may be idle for some time only,
 * and in some not grow old, or all are drained.
 */
final class SimulatedListener {

    static final int FRAME_BYTES_MAX = 64 * 1024;

    private static final Duration IDLE = Duration.ofSeconds(5);

    private final SplittableRandom random;
    private final Framing framing;
    private final Intake intake;
    private final StrayClients strays;
    private final List<Gate> gates;
    private final Limits.Times times;
    private final List<Loop> loops;
    private final List<PendingConnection> connections = new ArrayList<>();
    private boolean isDraining;

    private record Loop(VirtualLoop loop, ConnectionSweeper sweeper) {}

    private record Frames(Protocols protocols, int bytesMax) implements Framing {
        @Override
        public ProtocolDetector detector() {
            return protocols.detector();
        }

        @Override
        public Framer framer(Protocol protocol) {
            return protocols.framer(protocol, bytesMax);
        }
    }

    /** One whose connections last {@code age} at most; 0 sets no limit. */
    SimulatedListener(
            VirtualTime time,
            SplittableRandom random,
            Intake intake,
            Protocols protocols,
            Entrance entrance,
            Duration age) {
        this.random = random;
        this.intake = intake;
        framing = new Frames(protocols, FRAME_BYTES_MAX);
        strays = new StrayClients("main", time::nanos);
        Duration idle = random.nextInt(3) > 0 ? IDLE : Duration.ZERO;
        times = new Limits.Times(idle, idle, age);
        gates = entrance.gates(times, strays);
        // Handshakes of one thread take turns, and here all loops are one thread.
        loops = Stream.of("listen 0", "listen 1")
                .limit(entrance.isSecure() ? 1 : 2)
                .map(time::loop)
                .map(loop -> new Loop(loop, new ConnectionSweeper(loop, List.of(idle, age), time::nanos)))
                .toList();
    }

    /** Each connection has its own ledger: what one reports twice is not taken for what another did not report. */
    void accept(Wire wire, ConnectionLedger ledger, Runnable accepted) {
        VirtualChannel channel = new VirtualChannel(wire).accepted();
        channel.config().setAutoRead(false);
        channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
        Loop on = loops.get(random.nextInt(loops.size()));
        ListenerContext context = new ListenerContext("main", framing, intake.budget(), intake, ledger, strays, times);
        on.loop.execute(() -> {
            on.loop.register(channel);
            PendingConnection pending = new PendingConnection(context, channel, closed -> {
                on.sweeper.remove(closed);
                connections.remove(closed);
            });
            connections.add(pending);
            on.sweeper.add(pending);
            pending.enter(handler -> channel.pipeline().addLast("sluice", handler));
            pending.enterGates(gates);
            if (isDraining) {
                pending.drain(); // it was on its way
            }
            accepted.run();
        });
    }

    /** From here on nobody new comes, and all that are there are asked to go. */
    void drain() {
        isDraining = true;
        List.copyOf(connections).forEach(PendingConnection::drain);
    }

    boolean isDraining() {
        return isDraining;
    }

    /** What is still there is closed. */
    void closeAll() {
        List.copyOf(connections).forEach(PendingConnection::closeForDrain);
    }
}
