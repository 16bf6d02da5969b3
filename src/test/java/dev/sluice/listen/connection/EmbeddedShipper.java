package dev.sluice.listen.connection;

import dev.sluice.event.ArrayPool;
import dev.sluice.event.RuleSet;
import dev.sluice.listen.admission.Limits;
import dev.sluice.listen.budget.MemoryBudget;
import dev.sluice.listen.intake.Framing;
import dev.sluice.listen.intake.Intake;
import dev.sluice.listen.report.ListenObserver;
import dev.sluice.listen.report.StrayClients;
import io.netty.channel.embedded.EmbeddedChannel;

/** A connection without a socket, a rail or limits. */
final class EmbeddedShipper {

    private EmbeddedShipper() {}

    static ShipperConnection on(EmbeddedChannel channel, Framing framing, ListenObserver observer) {
        MemoryBudget budget = new MemoryBudget(1 << 20);
        Intake intake = new Intake(budget, () -> RuleSet.NONE, ArrayPool.none());
        return new ShipperConnection(
                context(framing, budget, intake, observer), channel, new Shipper("10.0.0.1", null), () -> {});
    }

    static ListenerContext context(Framing framing, MemoryBudget budget, Intake intake, ListenObserver observer) {
        return new ListenerContext(
                "main",
                framing,
                budget,
                intake,
                observer,
                new StrayClients("main", System::nanoTime),
                Limits.Times.UNLIMITED);
    }
}
