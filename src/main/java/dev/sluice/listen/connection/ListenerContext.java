package dev.sluice.listen.connection;

import dev.sluice.listen.admission.Limits;
import dev.sluice.listen.budget.MemoryBudget;
import dev.sluice.listen.intake.Framing;
import dev.sluice.listen.intake.Intake;
import dev.sluice.listen.report.ListenObserver;
import dev.sluice.listen.report.StrayClients;

/**
 * What the connections of one listener share.
 *
 * @param name the listener's name in the configuration
 * @param strays says that something else than shippers comes
 * @param times how long one of them may do nothing, and live
 */
public record ListenerContext(
        String name,
        Framing framing,
        MemoryBudget budget,
        Intake intake,
        ListenObserver observer,
        StrayClients strays,
        Limits.Times times) {}
