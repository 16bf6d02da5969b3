package dev.sluice.event;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ArrayPoolTest {

    private final AtomicLong room = new AtomicLong(1 << 20);
    private final ArrayPool pool = new ArrayPool(room::get);

    @Test
    void aLargeArrayThatWasGivenBackIsUsedAgain() {
        byte[] first = pool.take(70_000);
        assertThat(first.length).isBetween(70_000, 70_000 + ArrayPool.slack() - 1);
        pool.give(first);
        assertThat(pool.freeBytes()).isEqualTo(first.length);
        assertThat(pool.take(first.length - 1)).isSameAs(first);
        assertThat(pool.take(70_000)).isNotSameAs(first);
        assertThat(pool.freeBytes()).isZero();
    }

    @Test
    void smallAndHugeArraysAreExactAndNotKept() {
        for (int bytes : new int[] {0, 1, 20_000, 1 << 20}) {
            byte[] array = pool.take(bytes);
            assertThat(array).hasSize(bytes);
            pool.give(array);
        }
        assertThat(pool.freeBytes()).isZero();
    }

    @Test
    void whatLiesUnusedStaysWithinTheRoom() {
        byte[] one = pool.take(64 * 1024);
        byte[] other = pool.take(96 * 1024);
        room.set(100 * 1024);
        pool.give(one);
        pool.give(other);
        assertThat(pool.freeBytes()).isEqualTo(64 * 1024);
        room.set(0);
        pool.take(96 * 1024);
        assertThat(pool.freeBytes()).as("made room for what is made anew").isZero();
    }
}
