package dev.sluice.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import reactor.test.StepVerifier;
import reactor.test.scheduler.VirtualTimeScheduler;

/** A batch waits for memory, not for ever, and gives all of it back. */
class ReplayRoomTest {

    private static final Duration LIMIT = Duration.ofSeconds(10);

    private final VirtualTimeScheduler time = VirtualTimeScheduler.create();
    private final Memory memory = new Memory();
    private final ReplayRoom room = new ReplayRoom(memory, time);

    @Test
    void itHoldsWhatIsFreeAtOnce() {
        StepVerifier.create(room.hold(60)).expectComplete().verify(LIMIT);
        StepVerifier.create(room.hold(100)).expectComplete().verify(LIMIT);
        StepVerifier.create(room.hold(20)).expectComplete().verify(LIMIT);
        assertThat(memory.free).isZero();
        room.keep(30);
        room.keep(50);
        assertThat(memory.free).isEqualTo(70);
        room.keep(0);
        assertThat(memory.free).isEqualTo(100);
        assertThat(room.mayHold(100)).isTrue();
        assertThat(room.mayHold(101)).isFalse();
    }

    @Test
    void itWaitsForRoom() {
        memory.free = 10;
        StepVerifier.create(room.hold(60))
                .then(() -> time.advanceTimeBy(Duration.ofSeconds(5)))
                .then(() -> memory.free = 60)
                .then(() -> time.advanceTimeBy(Duration.ofSeconds(1)))
                .expectComplete()
                .verify(LIMIT);
        assertThat(memory.free).isZero();
    }

    @Test
    void itFailsWhenThereIsNoneForLong() {
        memory.free = 10;
        StepVerifier.create(room.hold(60))
                .then(() -> time.advanceTimeBy(Duration.ofSeconds(11)))
                .expectError(ReplayRoom.NoRoomException.class)
                .verify(LIMIT);
        assertThat(memory.free).isEqualTo(10);
    }

    private static final class Memory implements ReplayMemory {

        private long free = 100;

        @Override
        public boolean reserve(long bytes) {
            if (bytes > free) {
                return false;
            }
            free -= bytes;
            return true;
        }

        @Override
        public void release(long bytes) {
            free += bytes;
        }

        @Override
        public long limit() {
            return 100;
        }
    }
}
