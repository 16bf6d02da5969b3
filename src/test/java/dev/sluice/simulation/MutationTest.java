package dev.sluice.simulation;

import static org.assertj.core.api.Assertions.fail;

import java.util.function.LongConsumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the simulation is worth: each fault that is put into the code has to be found by the seeds of the short form.
 */
@Isolated("it sets Reactor's factory and the levels of the log for the whole JVM")
class MutationTest {

    private static final Logger LOG = LoggerFactory.getLogger(MutationTest.class);

    static Stream<Mutant> ofTheStore() {
        return Stream.of(
                Mutant.of("acknowledgedBeforeTheCommit", "store.EventStore", "Lane.write"),
                Mutant.of("laneNotGivenBack", "store.EventStore", "Queue.add"),
                Mutant.of("retriedUnderAnotherId", "store.Lane", "RetryState.unit"),
                Mutant.of("unknownCommitTakenForRefused", "store.Lane", "RetryState.isOutcomeUnknown"),
                Mutant.of("failedCommitTakenForDone", "store.LaneTransaction", "LaneConnection.commit"),
                Mutant.of("ledgerNotWritten", "store.LaneTransaction", "LaneConnection.begin"),
                Mutant.of("ledgerBelievedEmpty", "store.LookBack", "LaneConnection.committed"),
                Mutant.of("refusedRowDropped", "store.Lane", "Lane.becomesADeadLetter"),
                Mutant.of("refusedRowOfADeliveryDropped", "store.SavepointCopy", "SavepointCopy.keep"),
                Mutant.of("refusedRowsCountedTwice", "store.Lane", "SavepointCopy.refused"),
                Mutant.of("secondHalfForgotten", "store.Lane", "WriteUnit.split"),
                Mutant.of("duplicatesOfABatchNotSeen", "store.batch.Batch", "Batch.identify"),
                Mutant.of("deliveriesNotRemembered", "store.LaneTransaction", "WriteUnit.isIdentified"),
                Mutant.of("knownDeliveriesStoredAgain", "store.LaneTransaction", "WriteUnit.only"),
                Mutant.of("allDeliveriesTakenForKnown", "store.Lane", "LaneTransaction.fresh"),
                new Mutant(
                        "arrivalNotNoticed",
                        "store.batch.BatchByDemand$Gatherer",
                        "onNext",
                        "BatchByDemand$Gatherer.drain"),
                new Mutant(
                        "demandNotNoticed",
                        "store.batch.BatchByDemand$Gatherer",
                        "request",
                        "BatchByDemand$Gatherer.drain"),
                new Mutant("socketNotClosed", "store.LaneSession", "drop", "LaneLoop.abort"));
    }

    static Stream<Mutant> ofTheWholeWay() {
        return Stream.of(
                Mutant.of("acknowledgedWhenEncoded", "Pipeline", "Intake.encoded"),
                Mutant.of("acknowledgementForgotten", "Pipeline", "Batch.acknowledge"),
                new Mutant("budgetGivenBackTwice", "listen.intake.Intake", "stored", "MemoryBudget.releaseRows"),
                new Mutant("budgetNotGivenBack", "listen.intake.Intake", "encoded", "MemoryBudget.releaseRows"),
                Mutant.of("rowsTakenBeyondTheBudget", "listen.intake.Intake", "MemoryBudget.takeForRail"),
                new Mutant("arrivalAtTheRailNotNoticed", "listen.intake.Intake", "add", "Intake.drain"));
    }

    @ParameterizedTest
    @MethodSource("ofTheStore")
    void theStoresSimulationFinds(Mutant mutant) throws ReflectiveOperationException {
        find(mutant, "StoreSeed");
    }

    @ParameterizedTest
    @MethodSource("ofTheWholeWay")
    void theSimulationOfTheWholeWayFinds(Mutant mutant) throws ReflectiveOperationException {
        find(mutant, "ListenSeed");
    }

    private static void find(Mutant mutant, String world) throws ReflectiveOperationException {
        LongConsumer worlds = (LongConsumer) new MutantLoader(mutant)
                .loadClass("dev.sluice.simulation." + world)
                .getConstructor()
                .newInstance();
        for (long seed = 0; seed < Simulation.SEEDS; seed++) {
            try {
                worlds.accept(seed);
            } catch (AssertionError found) {
                Throwable seen = found.getCause();
                if (!seen.getClass().getName().equals(SimulationFailure.class.getName())) {
                    throw found; // something else broke than what is checked
                }
                LOG.info("{} was found: {}", mutant, found.getMessage());
                return;
            }
        }
        fail(mutant + " was not found");
    }
}
