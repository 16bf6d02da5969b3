package dev.sluice.listen.budget;

import dev.sluice.testing.Interleavings;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("interleavings")
class MemoryBudgetInterleavingsTest {

    private static final int READ = ReadAllowance.READ_BYTES;

    @Test
    void whoWaitsIsServedOnceWheneverRoomComes() {
        Interleavings.check(() -> new Full());
    }

    @Test
    void whoLeavesTheLineTakesNothingWithIt() {
        Interleavings.check(() -> new Leaving());
    }

    /** The share is full of what waits for the rail, which takes it while two connections begin to wait. */
    private static class Full implements Interleavings.World {
        final MemoryBudget budget = new MemoryBudget(64L * READ);
        final ReadSource source = budget.join("10.0.0.1");
        final Waiting first = new Waiting(budget.join("10.0.0.2"));
        final Waiting second = new Waiting(budget.join("10.0.0.3"));

        Full() {
            budget.takeUnreserved(source, 16 * READ, false);
            budget.queue(source, 16L * READ, false);
        }

        @Override
        public List<Runnable> threads() {
            return List.of(() -> budget.await(first), () -> budget.await(second), this::take);
        }

        final void take() {
            budget.takeForRail(16L * READ, 16L * READ, () -> source.queue(-16L * READ));
        }

        @Override
        public void check() {
            first.mustBeServed();
            second.mustBeServed();
            giveBack(first, second);
        }

        final void giveBack(Waiting... served) {
            for (Waiting waiting : served) {
                budget.release(waiting.source, waiting.bytes.get(), false);
            }
            budget.releaseRows(16L * READ);
            if (budget.inFlight() != 0) {
                throw new AssertionError("in flight: " + budget.inFlight());
            }
        }
    }

    /** One of them closes, on its event loop, while the rail makes room on another thread. */
    private static final class Leaving extends Full {
        @Override
        public List<Runnable> threads() {
            return List.of(
                    () -> {
                        budget.await(first);
                        budget.forget(first);
                    },
                    () -> budget.await(second),
                    this::take);
        }

        @Override
        public void check() {
            second.mustBeServed();
            if (first.served.get() > 1) {
                throw new AssertionError("served " + first.served);
            }
            giveBack(first, second);
        }
    }

    private static final class Waiting implements MemoryBudget.Waiter {
        private final ReadSource source;
        private final AtomicInteger served = new AtomicInteger();
        private final AtomicInteger bytes = new AtomicInteger();

        Waiting(ReadSource source) {
            this.source = source;
        }

        void mustBeServed() {
            if (served.get() != 1 || bytes.get() <= 0) {
                throw new AssertionError("served " + served + " times, " + bytes + " bytes");
            }
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
        public void granted(int granted) {
            served.incrementAndGet();
            bytes.addAndGet(granted);
        }
    }
}
