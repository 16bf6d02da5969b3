package dev.sluice.listen.intake;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.event.ArrayPool;
import dev.sluice.event.Delivery;
import dev.sluice.event.FrameBatch;
import dev.sluice.event.FrameLength;
import dev.sluice.event.Origin;
import dev.sluice.event.Protocol;
import dev.sluice.event.RowEncoder;
import dev.sluice.event.RowGrowth;
import dev.sluice.event.Rows;
import dev.sluice.event.RuleSet;
import dev.sluice.listen.budget.MemoryBudget;
import dev.sluice.listen.budget.ReadSource;
import dev.sluice.listen.budget.Spending;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Subscription;
import reactor.core.publisher.BaseSubscriber;

class IntakeTest {

    private static final int FULL = 60_000;

    private final MemoryBudget budget = new MemoryBudget(16 << 20);
    private final ReadSource source = budget.join("10.0.0.1");
    private final Intake intake = new Intake(budget, () -> RuleSet.NONE, ArrayPool.none());
    private final Rail rail = new Rail();
    private final Origin origin = Origin.of("main", "10.0.0.1", Protocol.SYSLOG);
    private final Intake.Sender connection = new Connection(source);
    private final Intake.Sender other = new Connection(budget.join("10.0.0.2"));

    IntakeTest() {
        intake.workers(10);
        intake.subscribe(rail);
    }

    @Test
    void demandForNGivesNFrameBatches() {
        for (int i = 0; i < 5; i++) {
            add(FULL);
        }
        assertThat(rail.frameBatches).isEmpty();
        rail.request(3);
        assertThat(rail.frameBatches).hasSize(3);
        rail.request(1);
        assertThat(rail.frameBatches).hasSize(4);
    }

    @Test
    void aSmallFrameBatchWaitsUntilALaneIsIdle() {
        rail.request(1);
        add(10);
        add(10);
        assertThat(rail.frameBatches).isEmpty();
        intake.hungry();
        assertThat(rail.frameBatches).hasSize(1);
        assertThat(rail.frameBatches.getFirst().deliveries()).hasSize(2);
    }

    @Test
    void anIdleLaneGetsTheNextDeliveryAtOnceAndNoMoreWhenItIsEncoded() {
        rail.request(2);
        intake.hungry();
        add(10);
        assertThat(rail.frameBatches).hasSize(1);
        intake.encoded(rail.frameBatches.getFirst(), rows(1));
        add(10);
        assertThat(rail.frameBatches).hasSize(1);
    }

    /** What comes while a frame batch is encoded that takes no time is gathered: each batch costs the lane the same. */
    @Test
    void whatIsSoonEncodedIsWaitedFor() {
        intake.workers(2);
        rail.request(4);
        intake.hungry();
        add(10);
        add(11);
        add(12);
        assertThat(rail.frameBatches).hasSize(1);
        intake.hungry();
        assertThat(rail.frameBatches).hasSize(2);
        assertThat(rail.frameBatches.getLast().deliveries()).hasSize(2);
    }

    /** A worker may need long for what unpacks to much, however few its bytes are. */
    @Test
    void aLaneStaysHungryUntilAWorkerHasRowsForIt() {
        intake.workers(2);
        rail.request(4);
        intake.hungry();
        add(intake, 10, 4 << 20);
        add(11);
        add(12);
        assertThat(rail.frameBatches).extracting(IntakeTest::firstLength).containsExactly(10, 11);
        intake.encoded(rail.frameBatches.getLast(), rows(1));
        assertThat(rail.frameBatches).as("the lane has rows").hasSize(2);
        intake.hungry();
        assertThat(rail.frameBatches).extracting(IntakeTest::firstLength).containsExactly(10, 11, 12);
    }

    @Test
    void fullFrameBatchesLeaveWithoutAnIdleLaneInTheOrderOfArrival() {
        rail.request(10);
        add(FULL);
        add(FULL - 1);
        add(10);
        add(FULL - 2);
        assertThat(rail.frameBatches).extracting(IntakeTest::firstLength).containsExactly(FULL, FULL - 1);
        intake.hungry();
        assertThat(rail.frameBatches).extracting(IntakeTest::firstLength).containsExactly(FULL, FULL - 1, FULL - 2);
    }

    /** A flood of one source: what another sends does not wait for all that was there before. */
    @Test
    void sourcesWithLittleInLineTakeTurnsWithThoseWithMuch() {
        for (int i = 0; i < 10; i++) {
            add(FULL - i);
        }
        add(other, 8000);
        add(other, 8001);
        rail.request(5);
        assertThat(rail.frameBatches)
                .extracting(IntakeTest::firstLength)
                .containsExactly(FULL, FULL - 2, FULL - 1, FULL - 3, 8000);
        assertThat(rail.frameBatches.getLast().deliveries()).hasSize(2);
        add(other, 12);
        rail.request(2);
        assertThat(rail.frameBatches).extracting(IntakeTest::firstLength).endsWith(FULL - 4, 12);
    }

    /** It would stand in the way of what comes while the worker is busy. */
    @Test
    void whatIsOfASourceWithMuchInLineWaitsForAWorkerThatIsIdle() {
        intake.workers(2);
        for (int i = 0; i < 7; i++) {
            add(FULL - i);
        }
        rail.request(10);
        assertThat(rail.frameBatches)
                .extracting(IntakeTest::firstLength)
                .as("two came while little waited")
                .containsExactly(FULL, FULL - 2, FULL - 1);
        add(other, 10);
        intake.hungry();
        assertThat(rail.frameBatches).extracting(IntakeTest::firstLength).endsWith(FULL - 1, 10);
        for (int i = 0; i < 3; i++) {
            intake.encoded(rail.frameBatches.get(i), rows(1));
        }
        assertThat(rail.frameBatches).extracting(IntakeTest::firstLength).endsWith(10, FULL - 3);
    }

    @Test
    void aSourceThatHadMuchInLineStandsThereUntilItIsGone() {
        for (int i = 0; i < 6; i++) {
            add(FULL - i);
        }
        rail.request(4);
        add(FULL - 6);
        add(other, 10);
        rail.request(2);
        assertThat(rail.frameBatches).extracting(IntakeTest::firstLength).endsWith(10, FULL - 4);
        rail.request(2);
        add(FULL - 7);
        add(FULL - 8);
        assertThat(rail.frameBatches).extracting(IntakeTest::firstLength).endsWith(FULL - 5, FULL - 6);
        rail.request(1);
        assertThat(rail.frameBatches)
                .as("it has little again")
                .extracting(IntakeTest::firstLength)
                .endsWith(FULL - 7);
    }

    @Test
    void completesWhenEverythingGatheredWasTaken() {
        add(FULL);
        add(10_000);
        intake.complete();
        assertThat(rail.completed).isFalse();
        rail.request(1);
        assertThat(rail.completed).isFalse();
        rail.request(1);
        assertThat(rail.frameBatches).hasSize(2);
        assertThat(rail.completed).isTrue();
    }

    @Test
    void completesAtOnceWhenNothingIsGathered() {
        intake.complete();
        assertThat(rail.completed).isTrue();
    }

    @Test
    void frameBatchesWaitUntilTheRowShareHasRoom() {
        rail.request(1000);
        for (int i = 0; i < 50; i++) {
            add(FULL);
        }
        int taken = rail.frameBatches.size();
        long rowShare = budget.limit() / 4 * 3;
        assertThat(taken)
                .isEqualTo((int) (rowShare / rail.frameBatches.getFirst().rowBytesMax()));
        intake.encoded(rail.frameBatches.getFirst(), rows(1000));
        assertThat(rail.frameBatches).hasSize(taken + 1);
        intake.encoded(rail.frameBatches.get(1), rows(FULL * 8));
        assertThat(rail.frameBatches).hasSize(taken + 1);
        intake.stored(FULL * 8);
        assertThat(rail.frameBatches).hasSize(taken + 2);
    }

    @Test
    void itTellsWhenFrameBatchesWaitForWhatIsStored() {
        List<Boolean> told = new CopyOnWriteArrayList<>();
        intake.watch(told::add, on -> {});
        rail.request(1000);
        while (budget.inFlight() < budget.limit() / 4 * 3 - 8 * FULL) {
            add(FULL);
        }
        assertThat(told).isEmpty();
        add(FULL);
        add(FULL);
        assertThat(told).as("workers have them yet").isEmpty();
        List<FrameBatch> taken = List.copyOf(rail.frameBatches);
        taken.forEach(frameBatch -> intake.encoded(frameBatch, rows(Math.toIntExact(frameBatch.rowBytesMax()))));
        assertThat(told).containsExactly(true);
        taken.forEach(frameBatch -> intake.stored(frameBatch.rowBytesMax()));
        assertThat(told).containsExactly(true, false);
    }

    @Test
    void itTellsWhileSourcesWithLittleInLineSendBesideOthersWithMuch() {
        List<Boolean> told = new CopyOnWriteArrayList<>();
        intake.watch(on -> {}, told::add);
        for (int i = 0; i < 10; i++) {
            add(FULL);
        }
        rail.request(5);
        assertThat(told).as("what one source had before it had much").isEmpty();
        add(other, 10);
        rail.request(2);
        assertThat(told).containsExactly(true);
        rail.request(1000);
        for (int i = 0; i < LinesInUse.TAKES; i++) {
            rail.frameBatches.forEach(frameBatch -> intake.encoded(frameBatch, rows(1)));
            rail.frameBatches.clear();
            add(FULL);
            intake.hungry();
        }
        assertThat(told).containsExactly(true, false);
    }

    @Test
    void whatIsStoredIsNoLongerInFlight() {
        rail.request(10);
        add(FULL);
        add(10_000);
        intake.complete();
        for (FrameBatch frameBatch : rail.frameBatches) {
            intake.encoded(frameBatch, rows(123));
        }
        assertThat(budget.inFlight()).isEqualTo(2 * 123);
        intake.stored(2 * 123);
        assertThat(budget.inFlight()).isZero();
    }

    @Test
    void nothingIsLostOrStuckWhenAllSidesRace() throws Exception {
        int each = 20_000;
        CountDownLatch done = new CountDownLatch(1);
        AtomicLong events = new AtomicLong();
        Intake raced = new Intake(budget, () -> RuleSet.NONE, ArrayPool.none());
        raced.subscribe(new BaseSubscriber<>() {
            @Override
            protected void hookOnSubscribe(Subscription subscription) {
                subscription.request(1);
            }

            @Override
            protected void hookOnNext(FrameBatch frameBatch) {
                events.addAndGet(frameBatch.deliveries().size());
                Thread.ofVirtual().start(() -> {
                    raced.encoded(frameBatch, rows(10));
                    raced.stored(10);
                    request(1);
                    raced.hungry();
                });
            }

            @Override
            protected void hookOnComplete() {
                done.countDown();
            }
        });
        raced.hungry();
        Thread[] loops = new Thread[3];
        for (int i = 0; i < loops.length; i++) {
            loops[i] = Thread.ofPlatform().start(() -> {
                for (int n = 0; n < each; n++) {
                    add(raced, 200);
                }
            });
        }
        for (Thread loop : loops) {
            loop.join();
        }
        raced.complete();
        assertThat(done.await(30, TimeUnit.SECONDS)).as("completed").isTrue();
        assertThat(events).hasValue(3L * each);
    }

    /**
     * What is reserved for its rows is by the rules that it carries, also when others came into force before it left.
     */
    @Test
    void aFrameBatchHasTheRulesOfItsFirstDelivery() {
        RuleSet large = rules(new RowGrowth(16, 1000));
        AtomicReference<RuleSet> inForce = new AtomicReference<>(RuleSet.NONE);
        Intake changing = new Intake(budget, inForce::get, ArrayPool.none());
        Rail taken = new Rail();
        changing.subscribe(taken);
        add(changing, 10);
        inForce.set(large);
        add(changing, 10);
        changing.hungry();
        taken.request(2);
        add(changing, 10);
        add(changing, 10);
        changing.hungry();
        assertThat(taken.frameBatches).extracting(FrameBatch::rules).containsExactly(RuleSet.NONE, large);
        assertThat(taken.frameBatches.get(1).rowBytesMax()
                        - taken.frameBatches.get(0).rowBytesMax())
                .isEqualTo(2 * (16 * 10 + 1000));
    }

    private static RuleSet rules(RowGrowth growth) {
        return new RuleSet() {
            @Override
            public RowGrowth growth() {
                return growth;
            }

            @Override
            public RowEncoder before(RowEncoder encoder) {
                return encoder;
            }
        };
    }

    private void add(int bytes) {
        add(intake, bytes);
    }

    private void add(Intake.Sender from, int bytes) {
        add(intake, from, bytes, 0);
    }

    private void add(Intake to, int bytes) {
        add(to, bytes, 0);
    }

    private void add(Intake to, int bytes, long decodedBytesMax) {
        add(to, connection, bytes, decodedBytesMax);
    }

    private void add(Intake to, Intake.Sender from, int bytes, long decodedBytesMax) {
        byte[] line = "x".repeat(bytes).getBytes(US_ASCII);
        FramedRead read = new FramedRead();
        read.start(line);
        read.frame(0, line.length, decodedBytesMax);
        Spending.read(budget, from.source(), read.weight());
        Spending.queue(budget, from.source(), read.weight());
        to.add(read, new Delivery(origin, 1, 1, 1, Delivery.NO_ACK), from);
    }

    private static int firstLength(FrameBatch frameBatch) {
        return FrameLength.read(frameBatch.bytes(), 0);
    }

    private static Rows rows(int bytes) {
        return new Rows(List.of(new Rows.Piece(new byte[bytes], 1)), new byte[0], List.of());
    }

    /** The stage behind, which asks only when the test says so. */
    private static final class Rail extends BaseSubscriber<FrameBatch> {
        private final List<FrameBatch> frameBatches = new CopyOnWriteArrayList<>();
        private volatile boolean completed;

        @Override
        protected void hookOnSubscribe(Subscription subscription) {
            // asks later
        }

        @Override
        protected void hookOnNext(FrameBatch frameBatch) {
            frameBatches.add(frameBatch);
        }

        @Override
        protected void hookOnComplete() {
            completed = true;
        }
    }

    private record Connection(ReadSource source) implements Intake.Sender {
        @Override
        public void taken(int bytes) {
            // it does not wait
        }
    }
}
