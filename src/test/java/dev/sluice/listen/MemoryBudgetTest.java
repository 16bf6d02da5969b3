package dev.sluice.listen;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

class MemoryBudgetTest {

    private static final int READ = ReadAllowance.READ_BYTES;

    /** Threads that spin on the budget's lock keep the others from it for as long as they like. */
    private static final long PAUSE_NANOS = 20_000;

    /** Four reads fit into the read share. */
    private final MemoryBudget budget = new MemoryBudget(16L * READ);

    private final List<String> granted = new ArrayList<>();

    @Test
    void reservesUntilTheReadShareIsSpent() {
        assertThat(budget.reserve(3 * READ)).isEqualTo(3 * READ);
        assertThat(budget.reserve(2 * READ)).isEqualTo(READ);
        assertThat(budget.reserve(1)).isZero();
        assertThat(budget.isSpent()).isTrue();
        assertThat(budget.inFlight()).isEqualTo(4 * READ);
    }

    @Test
    void reservesNoCrumbs() {
        assertThat(budget.reserve(4 * READ - MemoryBudget.OVERDRAFT_BYTES)).isPositive();
        assertThat(budget.reserve(READ)).isZero();
    }

    @Test
    void servesWhoWaitsLongestFirst() {
        fillWithQueued();
        Named first = waiting("first");
        waiting("second");
        waiting("third");
        budget.forget(first);
        assertThat(granted).isEmpty();
        giveBack(READ);
        assertThat(granted).containsExactly("second");
        giveBack(READ);
        assertThat(granted).containsExactly("second", "third");
        assertThat(budget.inFlight()).isEqualTo(4 * READ);
    }

    @Test
    void nobodyOvertakesWhoWaits() {
        fillWithQueued();
        waiting("first");
        giveBack(READ / 2);
        assertThat(budget.reserve(MemoryBudget.OVERDRAFT_BYTES + 1)).isZero();
        assertThat(budget.isSpent()).isTrue();
    }

    @Test
    void aParcelThatLeavesForTheRailMakesRoomForReads() {
        fillWithQueued();
        waiting("first");
        assertThat(budget.takeForRail(READ, 2 * READ)).isTrue();
        assertThat(granted).containsExactly("first");
        assertThat(budget.inFlight()).isEqualTo(6 * READ);
    }

    @Test
    void theRowShareHoldsWhatEncodingMayNeed() {
        fillWithQueued();
        assertThat(budget.takeForRail(1, 8 * READ)).isTrue();
        assertThat(budget.takeForRail(1, 4 * READ + 1)).isFalse();
        assertThat(budget.takeForRail(1, 4 * READ)).isTrue();
        budget.releaseRows(7 * READ);
        assertThat(budget.takeForRail(1, 7 * READ)).isTrue();
    }

    @Test
    void aParcelLargerThanTheRowSharePassesAlone() {
        fillWithQueued();
        assertThat(budget.takeForRail(1, 20 * READ)).isTrue();
        assertThat(budget.takeForRail(1, 1)).isFalse();
    }

    @Test
    void partialFramesThatFillTheShareGiveOneConnectionTheLifeboat() {
        budget.reserve(4 * READ);
        Named first = waiting("first");
        Named second = waiting("second");
        assertThat(granted).containsExactly("first");
        assertThat(budget.hasLifeboat(first)).isTrue();
        assertThat(budget.hasLifeboat(second)).isFalse();
        assertThat(budget.inFlight()).isEqualTo(5 * READ);
        budget.leaveLifeboat(second);
        assertThat(granted).containsExactly("first");
        budget.leaveLifeboat(first);
        assertThat(granted).containsExactly("first", "second");
        assertThat(budget.hasLifeboat(second)).isTrue();
    }

    @Test
    void aConnectionThatClosesLeavesTheLifeboat() {
        budget.reserve(4 * READ);
        Named first = waiting("first");
        waiting("second");
        budget.forget(first);
        assertThat(granted).containsExactly("first", "second");
    }

    @Test
    void noLifeboatWhileTheRailHasSomethingToGiveBack() {
        fillWithQueued();
        Named first = waiting("first");
        assertThat(granted).isEmpty();
        assertThat(budget.hasLifeboat(first)).isFalse();
    }

    @Test
    void overdraftsAreCounted() {
        budget.reserve(4 * READ);
        budget.overdraw(MemoryBudget.OVERDRAFT_BYTES);
        assertThat(budget.inFlight()).isEqualTo(4 * READ + MemoryBudget.OVERDRAFT_BYTES);
    }

    @Test
    void staysWithinItsLimitUnderContention() throws Exception {
        AtomicLong most = new AtomicLong();
        AtomicBoolean ended = new AtomicBoolean();
        Thread watch = Thread.ofPlatform().start(() -> {
            while (!ended.get()) {
                most.accumulateAndGet(budget.inFlight(), Math::max);
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        });
        AtomicInteger served = new AtomicInteger();
        List<Thread> readers = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            SplittableRandom random = new SplittableRandom(i);
            readers.add(Thread.ofPlatform().start(() -> readAndStore(random, served)));
        }
        for (Thread reader : readers) {
            reader.join(60_000);
            assertThat(reader.isAlive()).as("a waiter was never served").isFalse();
        }
        ended.set(true);
        watch.join();
        assertThat(budget.inFlight()).isZero();
        assertThat(most.get()).isPositive().isLessThanOrEqualTo(budget.limit() + READ);
    }

    /** One connection, in the order in which a real one uses the budget. */
    private void readAndStore(SplittableRandom random, AtomicInteger served) {
        for (int i = 0; i < 5_000; i++) {
            int got = budget.reserve(READ);
            Gate gate = new Gate();
            if (got == 0) {
                budget.await(gate);
                gate.pass();
                got = READ;
                served.incrementAndGet();
            }
            int kept = random.nextInt(1, got);
            budget.queue(kept);
            budget.release(got - kept);
            budget.leaveLifeboat(gate);
            while (!budget.takeForRail(kept, 8L * kept)) {
                LockSupport.parkNanos(PAUSE_NANOS);
            }
            budget.releaseRows(7L * kept);
            budget.releaseRows(kept);
        }
    }

    private void fillWithQueued() {
        budget.reserve(4 * READ);
        budget.queue(4 * READ);
    }

    /** Queued bytes leave, and leave no rows behind. */
    private void giveBack(int bytes) {
        budget.takeForRail(bytes, 0);
    }

    private Named waiting(String name) {
        Named waiter = new Named(name, granted);
        budget.await(waiter);
        return waiter;
    }

    private record Named(String name, List<String> granted) implements MemoryBudget.Waiter {
        @Override
        public void granted(int bytes) {
            assertThat(bytes).isEqualTo(READ);
            granted.add(name);
        }
    }

    private static final class Gate implements MemoryBudget.Waiter {
        private final AtomicBoolean open = new AtomicBoolean();

        @Override
        public void granted(int bytes) {
            open.set(true);
        }

        void pass() {
            while (!open.get()) {
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        }
    }
}
