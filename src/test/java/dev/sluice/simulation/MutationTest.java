package dev.sluice.simulation;

import static org.assertj.core.api.Assertions.fail;

import java.util.function.LongFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the simulation is worth: each fault that is put into the code has to be found by the seeds of the short form.
 */
@Isolated("it sets Reactor's factory and the levels of the log for the whole JVM")
class MutationTest {

    private static final Logger LOG = LoggerFactory.getLogger(MutationTest.class);

    private static final String NOT_COMMITTED = "was acknowledged and is not committed";
    private static final String TWICE = "was committed twice";
    private static final String LOST = "events are said to be lost, and none is";
    private static final String ANOTHER_ANSWER = "it was answered";
    private static final String NOT_WOKEN = "a lane is free, and what was read waits for it";
    private static final String CLOSED = "closed for ";
    private static final String STUCK = "it does not drain";

    static Stream<Mutant> ofTheStore() {
        return Stream.of(
                Mutant.of("acknowledgedBeforeTheCommit", "store.EventStore", "Lane.write", NOT_COMMITTED),
                Mutant.of("laneNotGivenBack", "store.EventStore", "Queue.add", STUCK),
                Mutant.of("retriedUnderAnotherId", "store.Lane", "RetryState.outcomeIsUnknown", TWICE),
                Mutant.of("unknownCommitTakenForRefused", "store.Lane", "RetryState.isOutcomeUnknown", TWICE),
                Mutant.of("failedCommitTakenForDone", "store.LaneTransaction", "LaneConnection.commit", LOST),
                Mutant.of("warningIgnored", "store.LaneTransaction", "LaneConnection.commit", LOST),
                Mutant.of("visibleTakenForDurable", "store.Lane", "LaneTransaction.confirm", NOT_COMMITTED),
                Mutant.of("ledgerNotWritten", "store.LaneTransaction", "LaneConnection.begin", LOST),
                Mutant.of("ledgerBelievedEmpty", "store.LookBack", "LaneConnection.committed", LOST),
                Mutant.of("refusedRowDropped", "store.Lane", "Lane.becomesADeadLetter", NOT_COMMITTED),
                Mutant.of("refusedRowOfADeliveryDropped", "store.SavepointCopy", "SavepointCopy.keep", NOT_COMMITTED),
                Mutant.of("refusedRowsCountedTwice", "store.Lane", "SavepointCopy.refused", "dead letters counted"),
                Mutant.of("secondHalfForgotten", "store.Lane", "WriteUnit.split", NOT_COMMITTED),
                Mutant.of("duplicatesOfABatchNotSeen", "store.batch.Batch", "Batch.identify", "rows counted as stored"),
                Mutant.of("deliveriesNotRemembered", "store.LaneTransaction", "WriteUnit.isIdentified", NOT_COMMITTED),
                Mutant.of("knownDeliveriesStoredAgain", "store.LaneTransaction", "WriteUnit.only", NOT_COMMITTED),
                Mutant.of(
                        "allDeliveriesTakenForKnown", "store.Lane", "LaneTransaction.fresh", "rows counted as stored"),
                new Mutant(
                        "arrivalNotNoticed",
                        "store.batch.BatchByDemand$Gatherer",
                        "onNext",
                        "BatchByDemand$Gatherer.drain",
                        STUCK),
                new Mutant(
                        "demandNotNoticed",
                        "store.batch.BatchByDemand$Gatherer",
                        "request",
                        "BatchByDemand$Gatherer.drain",
                        STUCK),
                new Mutant("socketNotClosed", "store.LaneSession", "drop", "LaneLoop.abort", "and one more is made"));
    }

    static Stream<Mutant> ofTheWholeWay() {
        return Stream.of(
                Mutant.of("acknowledgedWhenEncoded", "Pipeline", "Intake.encoded", NOT_COMMITTED),
                Mutant.of("acknowledgementForgotten", "Pipeline", "Batch.acknowledge", STUCK),
                new Mutant(
                        "budgetGivenBackTwice",
                        "listen.intake.Intake",
                        "stored",
                        "MemoryBudget.releaseRows",
                        "bytes in flight"),
                new Mutant("budgetNotGivenBack", "listen.intake.Intake", "encoded", "MemoryBudget.releaseRows", STUCK),
                Mutant.of(
                        "rowsTakenBeyondTheBudget",
                        "listen.intake.Intake",
                        "MemoryBudget.takeForRail",
                        "bytes in flight"),
                new Mutant(
                        "anotherTransactionAnswered",
                        "protocol.relp.RelpFramer",
                        "answer",
                        "ByteWriter.put",
                        ANOTHER_ANSWER),
                new Mutant(
                        "moreAcknowledgedThanCame",
                        "protocol.lumberjack.LumberjackFrames",
                        "taken",
                        "LumberjackFrames.acknowledge",
                        ANOTHER_ANSWER),
                new Mutant(
                        "anotherChunkAnswered",
                        "protocol.forward.ForwardFramer",
                        "whole",
                        "ForwardMessage.acknowledge",
                        ANOTHER_ANSWER),
                new Mutant("answeredTwice", "listen.connection.Replies", "take", "Consumer.accept", ANOTHER_ANSWER),
                new Mutant("partOfARecordForgotten", "listen.tls.TlsRecords", "keep", "KeptBytes.append", CLOSED),
                new Mutant("turnNotTaken", "listen.tls.HandshakeTurns", "join", "HandshakeTurns.schedule", CLOSED),
                new Mutant("arrivalAtTheRailNotNoticed", "listen.intake.Intake", "add", "Intake.drain", NOT_WOKEN),
                new Mutant(
                        "freeLaneNotAnnounced",
                        "store.batch.BatchByDemand$Gatherer",
                        "ask",
                        "Runnable.run",
                        NOT_WOKEN));
    }

    @ParameterizedTest
    @MethodSource("ofTheStore")
    void theStoresSimulationFinds(Mutant mutant) throws ReflectiveOperationException {
        find(mutant, World.STORE);
    }

    @ParameterizedTest
    @MethodSource("ofTheWholeWay")
    void theSimulationOfTheWholeWayFinds(Mutant mutant) throws ReflectiveOperationException {
        find(mutant, World.LISTEN);
    }

    /** What finds the mutants is not the way in which they are made. */
    @ParameterizedTest
    @EnumSource
    void nothingIsFoundWhereNothingIsWrong(World world) throws ReflectiveOperationException {
        LongFunction<?> worlds = worlds(Mutant.none(), world);
        for (long seed = 0; seed < Simulation.SEEDS; seed++) {
            worlds.apply(seed);
        }
    }

    private static void find(Mutant mutant, World world) throws ReflectiveOperationException {
        LongFunction<?> worlds = worlds(mutant, world);
        for (long seed = 0; seed < Simulation.SEEDS; seed++) {
            try {
                worlds.apply(seed);
            } catch (AssertionError found) {
                Throwable seen = found.getCause();
                if (!seen.getClass().getName().equals(SimulationFailure.class.getName())
                        || !seen.getMessage().contains(mutant.failure())) {
                    throw found; // something else broke than what is checked
                }
                LOG.info("{} was found: {}", mutant, found.getMessage());
                return;
            }
        }
        fail(mutant + " was not found");
    }

    private static LongFunction<?> worlds(Mutant mutant, World world) throws ReflectiveOperationException {
        return MutantLoader.world(mutant, world).one();
    }
}
