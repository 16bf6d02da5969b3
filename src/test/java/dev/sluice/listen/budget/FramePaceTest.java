package dev.sluice.listen.budget;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class FramePaceTest {

    private static final int HELD = 250_000;
    private static final int NEEDED = HELD / FramePace.SECONDS_MAX;

    private final FramePace pace = new FramePace();
    private long now;
    private long moves;

    @Test
    void whoSendsAByteNowAndThenIsTooSlow() {
        assertThat(look(2, true)).isFalse();
        assertThat(look(2, true)).isFalse();
        assertThat(look(2, true)).isTrue();
    }

    @Test
    void whoSendsAThirtiethOfWhatItHoldsIsNot() {
        for (int i = 0; i < 100; i++) {
            assertThat(look(NEEDED, true)).isFalse();
        }
    }

    @Test
    void whoSendsNowAndThenEnoughIsNot() {
        for (int i = 0; i < 100; i++) {
            assertThat(look(i % 3 == 0 ? NEEDED : 0, true)).isFalse();
        }
    }

    @Test
    void whoHoldsLittleSendsAKilobyte() {
        for (int i = 0; i < FramePace.POLLS_MAX; i++) {
            now += FramePace.POLL_NANOS;
            pace.read(FramePace.BYTES_MIN);
            assertThat(pace.isTooSlow(now, 3_000, true, -1)).isFalse();
        }
    }

    @Test
    void whoWaitsForSluiceIsNot() {
        for (int i = 0; i < 100; i++) {
            assertThat(look(0, false)).isFalse();
        }
    }

    /** Else who stands in line in between would never be one. */
    @Test
    void waitingInBetweenMendsNothing() {
        look(1, true);
        look(1, false);
        look(1, true);
        look(1, false);
        assertThat(look(1, true)).isTrue();
    }

    @Test
    void nobodyIsWhileTheDatabaseStandsStill() {
        moves = 7;
        look(0, true); // it is not known yet that it does
        for (int i = 0; i < 100; i++) {
            now += FramePace.POLL_NANOS;
            assertThat(pace.isTooSlow(now, HELD, true, 7)).isFalse();
        }
    }

    @Test
    void looksThatCameTooSoonOrNotAtAllAreNone() {
        look(0, true);
        look(0, true);
        now += FramePace.POLL_NANOS / 2;
        assertThat(pace.isTooSlow(now, HELD, true, -1)).isFalse();
        pace.restart(now);
        now += 100 * FramePace.POLL_NANOS;
        assertThat(pace.isTooSlow(now, HELD, true, -1)).isFalse();
    }

    private boolean look(int bytes, boolean isAsked) {
        now += FramePace.POLL_NANOS;
        pace.read(bytes);
        return pace.isTooSlow(now, HELD, isAsked, moves == 0 ? -1 : moves);
    }
}
