package dev.sluice.listen.connection;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.listen.report.ListenObserver.CloseReason;
import dev.sluice.listen.report.ListenObserver.Refusal;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class GateStateTest {

    private static final long SECOND = Duration.ofSeconds(1).toNanos();

    private int closes;
    private long now = 7 * SECOND;
    private final GateState state = new GateState(() -> closes++, now);

    private void tick(int seconds) {
        for (int i = 0; i < seconds; i++) {
            now += SECOND;
            state.tick(now, false);
        }
    }

    private void poll(int polls) {
        for (int i = 0; i < polls; i++) {
            now += GateState.POLL_NANOS;
            state.due(now);
        }
    }

    @Test
    void whoTakesTooLongIsRefused() {
        tick(9);
        assertThat(state.isOver()).isFalse();
        tick(1);
        assertThat(state.refusal()).isEqualTo(Refusal.ARRIVAL_TIMEOUT);
        assertThat(closes).isEqualTo(1);
    }

    @Test
    void aGateHasALimitAndARefusalOfItsOwn() {
        tick(9);
        state.limit(Duration.ofSeconds(3), Refusal.TLS_TIMEOUT, now);
        tick(Patience.POLLS_PER_LIMIT - 1);
        assertThat(state.isOver()).isFalse();
        tick(1);
        assertThat(state.refusal()).isEqualTo(Refusal.TLS_TIMEOUT);
    }

    @Test
    void whoIsOnlySilentIsNotRefused() {
        state.limit(Duration.ofSeconds(3), null, now);
        tick(Patience.POLLS_PER_LIMIT);
        assertThat(state.refusal()).isNull();
        assertThat(state.why()).isEqualTo(CloseReason.FIRST_BYTE_TIMEOUT);
        assertThat(state.isOver()).isTrue();
    }

    @Test
    void aDrainDismissesAfterEightPolls() {
        assertThat(state.dueIn(now)).isEqualTo(Deadline.NEVER);
        state.drain(now);
        assertThat(state.dueIn(now)).isEqualTo(GateState.POLL_NANOS);
        poll(7);
        assertThat(closes).isZero();
        poll(1);
        assertThat(state.why()).isEqualTo(CloseReason.DRAIN);
        assertThat(closes).isEqualTo(1);
    }

    @Test
    void aProcessThatStoodStillInADrainPollsOnce() {
        state.drain(now);
        now += 3600 * SECOND;
        state.due(now);
        state.due(now);
        assertThat(closes).isZero();
        assertThat(state.dueIn(now)).isEqualTo(GateState.POLL_NANOS);
    }

    /** The close breaks a handshake off, which its gate takes for the shipper's failure. */
    @Test
    void whatAGateMakesOfADismissalIsNoRefusal() {
        state.dismiss(CloseReason.DRAIN);
        state.refuse(Refusal.TLS_HANDSHAKE);
        state.close(CloseReason.ERROR);
        assertThat(state.refusal()).isNull();
        assertThat(state.why()).isEqualTo(CloseReason.DRAIN);
    }

    @Test
    void whoEndsInAHandshakeIsRefused() {
        state.close(CloseReason.SHIPPER);
        state.refuse(Refusal.TLS_HANDSHAKE);
        state.refuse(Refusal.TLS_TIMEOUT);
        assertThat(state.refusal()).isEqualTo(Refusal.TLS_HANDSHAKE);
    }
}
