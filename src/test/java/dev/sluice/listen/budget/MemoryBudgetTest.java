package dev.sluice.listen.budget;

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

    /** Sixteen reads fit into the read share. */
    private final MemoryBudget budget = new MemoryBudget(64L * READ);

    private final ReadSource source = budget.join("10.0.0.1");
    private final List<String> granted = new ArrayList<>();

    @Test
    void reservesUntilTheLongHalfIsSpentAndLittleFromThereOn() {
        for (int i = 0; i < 8; i++) {
            assertThat(budget.reserve(source, 0)).isEqualTo(READ);
        }
        assertThat(budget.inFlight()).isEqualTo(8 * READ);
        assertThat(budget.reserve(source, 0)).isEqualTo(ReadShare.SHORT_BYTES_MAX);
        assertThat(budget.reserve(source, 10_000)).isEqualTo(ReadShare.SHORT_BYTES_MAX - 10_000);
        assertThat(budget.reserve(source, ReadShare.SHORT_BYTES_MAX)).isZero();
        assertThat(budget.isSpent(source)).isFalse();
    }

    @Test
    void whatIsQueuedMayFillTheShare() {
        fillWithQueued();
        assertThat(budget.isSpent(source)).isTrue();
        assertThat(budget.reserve(source, 0)).isZero();
        assertThat(budget.inFlight()).isEqualTo(16 * READ);
    }

    @Test
    void reservesNoCrumbs() {
        budget.takeUnreserved(source, 16 * READ - MemoryBudget.UNRESERVED_READ_BYTES, false);
        budget.queue(source, 16 * READ - MemoryBudget.UNRESERVED_READ_BYTES, false);
        assertThat(budget.reserve(source, 0)).isZero();
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
        assertThat(granted).containsExactly("second 65536");
        giveBack(READ);
        assertThat(granted).containsExactly("second 65536", "third 65536");
        assertThat(budget.inFlight()).isEqualTo(16 * READ);
    }

    @Test
    void sourcesTakeTurns() {
        fillWithQueued();
        for (int i = 1; i <= 3; i++) {
            waiting("flood" + i);
        }
        ReadSource other = budget.join("10.0.0.2");
        budget.await(new Named("other", other, 0, granted));
        waiting("flood4");
        giveBack(7 * READ);
        assertThat(granted)
                .extracting(name -> name.split(" ")[0])
                .containsExactly("flood1", "other", "flood2", "flood3", "flood4");
    }

    @Test
    void nobodyOvertakesWhoWaits() {
        fillWithQueued();
        waiting("first");
        giveBack(READ / 2);
        assertThat(budget.reserve(source, 0)).isZero();
        assertThat(budget.isSpent(source)).isTrue();
    }

    @Test
    void aSourceOfWhichMuchIsQueuedLeavesAnEighthToOthers() {
        ReadSource other = budget.join("10.0.0.2");
        budget.takeUnreserved(source, 13 * READ, false);
        budget.queue(source, 13 * READ, false);
        assertThat(budget.reserve(source, 0)).isEqualTo(READ);
        budget.queue(source, READ, false);
        assertThat(budget.reserve(source, 0)).isZero();
        Named first = waiting("flood");
        assertThat(budget.reserve(other, 0)).as("goes before one that waits").isEqualTo(READ);
        assertThat(budget.reserve(other, 0)).isEqualTo(READ);
        assertThat(budget.reserve(other, 0)).as("nothing is left").isZero();
        budget.await(new Named("other", other, 0, granted));
        giveBack(READ);
        assertThat(granted).containsExactly("other 65536");
        giveBack(READ);
        assertThat(granted).as("the eighth is in use").hasSize(1);
        budget.release(other, 2 * READ, false);
        assertThat(granted).containsExactly("other 65536", "flood 65536");
        budget.forget(first);
    }

    @Test
    void whatIsQueuedOfTheOnlySourceLeavesNothingToOthers() {
        budget.takeUnreserved(source, 15 * READ, false);
        budget.queue(source, 15 * READ, false);
        assertThat(budget.reserve(source, 0)).isEqualTo(READ);
    }

    @Test
    void aFrameBatchThatLeavesForTheRailMakesRoomForReads() {
        fillWithQueued();
        waiting("first");
        assertThat(take(READ, 2 * READ)).isTrue();
        assertThat(granted).hasSize(1);
        assertThat(budget.inFlight()).isEqualTo(18 * READ);
    }

    @Test
    void theRowShareHoldsWhatEncodingMayNeed() {
        fillWithQueued();
        assertThat(take(1, 32 * READ)).isTrue();
        assertThat(take(1, 16 * READ + 1)).isFalse();
        assertThat(take(1, 16 * READ)).isTrue();
        budget.releaseRows(31 * READ);
        assertThat(take(1, 31 * READ)).isTrue();
    }

    @Test
    void aFrameBatchLargerThanTheRowSharePassesAlone() {
        fillWithQueued();
        assertThat(take(1, 80 * READ)).isTrue();
        assertThat(take(1, 1)).isFalse();
    }

    @Test
    void whoHoldsAPartOfALongFrameWaitsAndTheOthersGoOn() {
        partialFrames(8, READ);
        waiting("reserve", READ);
        waiting("long", READ);
        assertThat(granted).containsExactly("reserve 65536");
        assertThat(budget.isCrowded()).isTrue();
        assertThat(budget.isSpent(source)).isFalse();
        assertThat(budget.reserve(source, 0)).isEqualTo(ReadShare.SHORT_BYTES_MAX);
        waiting("short");
        assertThat(granted).containsExactly("reserve 65536", "short 32768");
        budget.release(source, READ, false);
        assertThat(granted).hasSize(2);
        budget.release(source, READ, false);
        assertThat(granted).containsExactly("reserve 65536", "short 32768", "long 65536");
        assertThat(budget.isCrowded()).isFalse();
    }

    @Test
    void oneAtATimeHasTheReserve() {
        partialFrames(8, READ);
        Named first = waiting("first", READ);
        Named second = waiting("second", 1000);
        assertThat(granted).containsExactly("first 65536", "second " + (ReadShare.SHORT_BYTES_MAX - 1000));
        Named third = waiting("third", 40_000);
        assertThat(budget.hasReserve(first)).isTrue();
        budget.leaveReserve(third);
        assertThat(granted).hasSize(2);
        budget.takeUnreserved(source, READ, true);
        budget.queue(source, 3 * READ, true);
        budget.leaveReserve(first);
        assertThat(budget.hasReserve(second)).isFalse();
        assertThat(granted).hasSize(3);
        assertThat(budget.inFlight())
                .as("third has the reserve")
                .isEqualTo(10 * READ + ReadShare.SHORT_BYTES_MAX - 1000 + 40_000);
    }

    @Test
    void whatTheReserveBroughtHasToLeaveBeforeItIsGivenAgain() {
        partialFrames(8, READ);
        Named first = waiting("first", READ);
        waiting("second", READ);
        budget.takeUnreserved(source, 20 * READ, true);
        budget.queue(source, 22 * READ, true);
        budget.leaveReserve(first);
        assertThat(granted).containsExactly("first 65536");
        giveBack(22 * READ);
        assertThat(granted).containsExactly("first 65536", "second 65536");
    }

    @Test
    void theReserveBringsNoMoreOfTheNextFrameThanWasHeldBefore() {
        partialFrames(8, READ);
        waiting("first", 40_000);
        assertThat(granted).containsExactly("first 40000");
    }

    @Test
    void aConnectionThatClosesLeavesTheReserve() {
        partialFrames(8, READ);
        Named first = waiting("first", READ);
        waiting("second", READ);
        budget.forget(first);
        assertThat(granted).containsExactly("first 65536", "second 65536");
    }

    @Test
    void aSourceThatHoldsMuchLeavesSomeToOthers() {
        partialFrames(6, READ);
        ReadSource other = budget.join("10.0.0.2");
        assertThat(budget.reserve(source, READ)).as("two reads are left").isZero();
        assertThat(budget.reserve(other, READ)).isEqualTo(READ);
        budget.leave(other);
    }

    @Test
    void aSourceThatIsAloneMayHoldAll() {
        partialFrames(6, READ);
        assertThat(budget.reserve(source, READ)).isEqualTo(READ);
    }

    /** The more incomplete frames there are, the less each may hold beyond the half: so a thousand leave something. */
    @Test
    void aThousandIncompleteFramesLeaveRoomForWholeOnes() {
        ReadShare reads = new ReadShare(16 << 20);
        ReadSource hostile = reads.join("10.0.0.1");
        for (int i = 0; i < 1_000; i++) {
            int own = 0;
            reads.inside(1);
            for (int room = reads.room(hostile, own); room > 0 && own < 250_000; room = reads.room(hostile, own)) {
                reads.hold(hostile, room);
                own += room;
            }
        }
        assertThat(reads.room(reads.join("10.0.0.2"), 0)).isEqualTo(ReadShare.SCARCE_BYTES_MAX);
        assertThat(reads.room(hostile, 0)).isEqualTo(ReadShare.SCARCE_BYTES_MAX);
        assertThat(reads.held()).isLessThan(reads.limit());
    }

    @Test
    void tellsForHowLongSomebodyHasWaited() {
        fillWithQueued();
        assertThat(budget.longestWaitNanos(5)).isZero();
        waiting("first");
        assertThat(budget.longestWaitNanos(5)).isEqualTo(5);
    }

    @Test
    void unreservedReadsAreCounted() {
        budget.takeUnreserved(source, MemoryBudget.UNRESERVED_READ_BYTES, false);
        assertThat(budget.inFlight()).isEqualTo(MemoryBudget.UNRESERVED_READ_BYTES);
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
            int got = budget.reserve(source, 0);
            Gate gate = new Gate(source);
            if (got == 0) {
                budget.await(gate);
                got = gate.pass();
                served.incrementAndGet();
            }
            boolean isReserve = budget.hasReserve(gate);
            int kept = random.nextInt(1, got);
            budget.queue(source, kept, isReserve);
            budget.release(source, got - kept, isReserve);
            budget.leaveReserve(gate);
            while (!take(kept, 8L * kept)) {
                LockSupport.parkNanos(PAUSE_NANOS);
            }
            budget.releaseRows(7L * kept);
            budget.releaseRows(kept);
        }
    }

    private void fillWithQueued() {
        budget.takeUnreserved(source, 16 * READ, false);
        budget.queue(source, 16 * READ, false);
    }

    /** Connections that hold so much of an incomplete frame. */
    private void partialFrames(int many, int bytes) {
        for (int i = 0; i < many; i++) {
            budget.takeUnreserved(source, bytes, false);
            budget.inside(true);
        }
    }

    /** Queued bytes leave, and leave no rows behind. */
    private void giveBack(int bytes) {
        take(bytes, 0);
    }

    private boolean take(int bytes, long rowBytesMax) {
        return budget.takeForRail(bytes, rowBytesMax, () -> source.queue(-bytes));
    }

    private Named waiting(String name) {
        return waiting(name, 0);
    }

    private Named waiting(String name, int held) {
        Named waiter = new Named(name, source, held, granted);
        budget.await(waiter);
        return waiter;
    }

    private static final class Named implements MemoryBudget.Waiter {
        private final String name;
        private final ReadSource source;
        private final int heldBytes;
        private final List<String> granted;

        Named(String name, ReadSource source, int heldBytes, List<String> granted) {
            this.name = name;
            this.source = source;
            this.heldBytes = heldBytes;
            this.granted = granted;
        }

        @Override
        public ReadSource source() {
            return source;
        }

        @Override
        public int heldBytes() {
            return heldBytes;
        }

        @Override
        public long sinceNanos() {
            return 0;
        }

        @Override
        public void granted(int bytes) {
            granted.add(name + " " + bytes);
        }
    }

    private static final class Gate implements MemoryBudget.Waiter {
        private final ReadSource source;
        private final AtomicInteger open = new AtomicInteger();

        Gate(ReadSource source) {
            this.source = source;
        }

        @Override
        public ReadSource source() {
            return source;
        }

        @Override
        public int heldBytes() {
            return 0;
        }

        @Override
        public long sinceNanos() {
            return 0;
        }

        @Override
        public void granted(int bytes) {
            open.set(bytes);
        }

        int pass() {
            while (open.get() == 0) {
                LockSupport.parkNanos(PAUSE_NANOS);
            }
            return open.get();
        }
    }
}
