package dev.sluice.testing;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Where the classes are not instrumented, no order is tried but the usual one, and nothing is found. */
@Tag("interleavings")
class InterleavingsTest {

    @Test
    void findsALostUpdate() {
        assertThatThrownBy(() -> Interleavings.check(() -> new LostUpdate())).hasMessageContaining("counted 1");
    }

    private static final class LostUpdate implements Interleavings.World {
        private volatile int count;

        @Override
        public List<Runnable> threads() {
            return List.of(this::add, this::add);
        }

        private void add() {
            int before = count;
            count = before + 1;
        }

        @Override
        public void check() {
            if (count != 2) {
                throw new AssertionError("counted " + count);
            }
        }
    }
}
