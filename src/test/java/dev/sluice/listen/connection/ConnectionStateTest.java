package dev.sluice.listen.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.listen.admission.Limits;
import dev.sluice.listen.connection.ConnectionEffects.Mark;
import dev.sluice.listen.report.ListenObserver.CloseReason;
import dev.sluice.listen.report.ListenObserver.Wait;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What takes more than one event; each event in each phase is in {@link ConnectionTableTest}. */
class ConnectionStateTest {

    private final ScriptedConnection it = ScriptedConnection.in(ConnectionPhase.OPEN);

    @ParameterizedTest
    @EnumSource(ConnectionPhase.class)
    void anEndHasOneReasonWhateverComesAfterIt(ConnectionPhase phase) {
        ScriptedConnection one = ScriptedConnection.in(phase);
        one.state.close(CloseReason.FRAME_TIMEOUT, one.now);
        CloseReason why = one.state.why();
        for (CloseReason each : EnumSet.complementOf(EnumSet.of(CloseReason.INTERNAL_ERROR))) {
            one.state.close(each, one.now);
            one.state.ended(each, one.now);
        }
        one.state.drain(one.now);
        one.state.answered(Mark.CLOSE, one.now);
        one.grow(3600);
        one.state.gone(one.now);
        assertThat(one.state.why()).isEqualTo(why);
        assertThat(one.done.stream().filter("close"::equals).count()).isLessThanOrEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource(Wait.class)
    void eachPauseEndsOnceHoweverTheConnectionDoes(Wait what) {
        it.says(what, true);
        it.state.readOn();
        it.state.ended(CloseReason.SHIPPER, it.now);
        it.state.close(CloseReason.ERROR, it.now);
        it.state.gone(it.now);
        assertThat(it.done).containsOnlyOnce("wait no more");
        assertThat(it.state.waits()).isNull();
    }

    @Test
    void aBugIsTheReasonEvenOfOneThatWasAskedToGo() {
        it.state.drain(it.now);
        it.state.close(CloseReason.INTERNAL_ERROR, it.now);
        assertThat(it.state.why()).isEqualTo(CloseReason.INTERNAL_ERROR);
    }

    /** What is read before TLS has said goodbye may meet one. */
    @Test
    void aBugIsTheReasonEvenAfterTheClose() {
        it.state.close(CloseReason.REPLY_TIMEOUT, it.now);
        it.state.close(CloseReason.INTERNAL_ERROR, it.now);
        assertThat(it.state.why()).isEqualTo(CloseReason.INTERNAL_ERROR);
        assertThat(it.done).containsOnlyOnce("close");
    }

    @Test
    void itIsClosedAlsoWhereTheEndOfItsPauseFails() {
        it.awaits(Wait.BUDGET);
        it.failure = new IllegalStateException("an observer's bug");
        assertThatThrownBy(() -> it.state.close(CloseReason.ERROR, it.now)).isSameAs(it.failure);
        assertThat(it.done).endsWith("close");
    }

    /** Its protocol may become known, and with it that what it sends is dropped, after it was asked to go first. */
    @Test
    void whatIsDroppedOnceItIsAskedAgainHasFiveSeconds() {
        it.grow(1000);
        it.state.answered(Mark.HALF_CLOSE, it.now);
        it.state.drain(it.now);
        it.isDropping = true;
        it.done.clear();
        it.state.answered(Mark.HALF_CLOSE, it.now);
        assertThat(it.done).isEmpty();
        for (int i = 0; i < 50; i++) {
            it.comes();
            it.grow(0.1);
        }
        assertThat(it.done).containsExactly("close");
    }

    @Test
    void whoWasAskedToGoAndEndsIsClosedAsAsked() {
        it.state.drain(it.now);
        it.state.answered(Mark.HALF_CLOSE, it.now);
        it.state.ended(CloseReason.SHIPPER, it.now);
        it.state.answered(Mark.CLOSE, it.now);
        assertThat(it.state.why()).isEqualTo(CloseReason.DRAIN);
        assertThat(it.done.getLast()).isEqualTo("close");
    }

    /** Its mark stands before those of replies that came later. */
    @Test
    void whoEndsBeforeItIsHalfClosedIsClosedWhenTheLastIsAnswered() {
        it.state.drain(it.now);
        it.state.ended(CloseReason.SHIPPER, it.now);
        it.done.clear();
        it.state.answered(Mark.HALF_CLOSE, it.now);
        assertThat(it.done).containsExactly("shut the output");
        it.state.answered(Mark.CLOSE, it.now);
        assertThat(it.done).containsExactly("shut the output", "close");
    }

    @Test
    void aReadBeginsTheQuietAnew() {
        it.state.drain(it.now);
        it.poll(0.25, 6);
        it.comes();
        it.poll(0.25, 6);
        assertThat(it.state.phase()).isEqualTo(ConnectionPhase.ENDING);
        it.poll(0.25, 1);
        assertThat(it.state.phase()).isEqualTo(ConnectionPhase.CLOSED);
    }

    @Test
    void whoStoppedInsideAFrameHasFiveSeconds() {
        it.isInsideFrame = true;
        it.state.drain(it.now);
        it.poll(0.25, 20);
        assertThat(it.state.phase()).isEqualTo(ConnectionPhase.ENDING);
        it.poll(0.25, 1);
        assertThat(it.state.phase()).isEqualTo(ConnectionPhase.CLOSED);
    }

    /** It would always be found free to send, though it waits for most of the time. */
    @Test
    void theEndOfAGrantIsNoPollOfItsPace() {
        it.awaits(Wait.BUDGET);
        it.isTooSlow = true;
        it.state.granted(it.now);
        it.state.due(it.now + ConnectionState.GRANT_NANOS);
        assertThat(it.done).containsExactly("wait no more", "read", "give the grant back");
    }

    @Test
    void aWaitIsNoQuiet() {
        it.state.drain(it.now);
        it.awaits(Wait.BUDGET);
        it.poll(0.25, 100);
        assertThat(it.state.phase()).isEqualTo(ConnectionPhase.ENDING);
    }

    @Test
    void aProcessThatStoodStillPollsOnce() {
        it.state.drain(it.now);
        it.poll(3600, 6);
        assertThat(it.state.phase()).isEqualTo(ConnectionPhase.ENDING);
        it.grow(0.25);
        assertThat(it.state.phase()).isEqualTo(ConnectionPhase.CLOSED);
    }

    @Test
    void aDrainPollsAnOldConnectionMoreOften() {
        it.grow(1000);
        assertThat(it.state.dueIn(it.now)).isEqualTo(5 * ScriptedConnection.SECOND);
        it.state.drain(it.now);
        assertThat(it.state.dueIn(it.now)).isEqualTo(ScriptedConnection.SECOND / 4);
        it.grow(0.25);
        assertThat(it.state.dueIn(it.now)).isEqualTo(ScriptedConnection.SECOND / 4);
        it.poll(0.25, 6);
        assertThat(it.state.phase()).isEqualTo(ConnectionPhase.CLOSED);
        assertThat(it.state.why()).isEqualTo(CloseReason.DRAIN);
    }

    @Test
    void whoSendsWhatIsDroppedIsClosedFiveSecondsAfterTheHalfClose() {
        it.isDropping = true;
        it.state.drain(it.now);
        it.state.answered(Mark.HALF_CLOSE, it.now);
        for (int i = 0; i < 19; i++) {
            it.comes();
            it.grow(0.25);
        }
        assertThat(it.state.phase()).isEqualTo(ConnectionPhase.HALF_CLOSED);
        it.comes();
        it.grow(0.25);
        assertThat(it.state.phase()).isEqualTo(ConnectionPhase.CLOSED);
    }

    @Test
    void whoNeverSentAByteIsClosedAtOnce() {
        ScriptedConnection silent = new ScriptedConnection();
        silent.grow(9);
        assertThat(silent.done).isEmpty();
        silent.grow(1);
        assertThat(silent.done).containsExactly("close");
        assertThat(silent.state.why()).isEqualTo(CloseReason.FIRST_BYTE_TIMEOUT);
    }

    @Test
    void whoWaitsIsNotIdle() {
        it.awaits(Wait.BUDGET);
        it.grow(900);
        assertThat(it.done).isEmpty();
        it.state.granted(it.now);
        it.comes();
        it.grow(59);
        assertThat(it.state.phase()).isEqualTo(ConnectionPhase.OPEN);
    }

    @Test
    void whatIsGrantedAfterTheWaitIsNotTaken() {
        it.awaits(Wait.BUDGET);
        it.state.ended(CloseReason.SHIPPER, it.now);
        it.done.clear();
        it.state.granted(it.now);
        it.grow(1);
        assertThat(it.done).isEmpty();
    }

    /** What is due is asked for by itself; a phase in which nothing is due never wakes the loop. */
    @Test
    void whatIsDueIsKnown() {
        assertThat(it.state.dueIn(it.now)).isEqualTo(Deadline.NEVER);
        it.awaits(Wait.BUDGET);
        it.state.granted(it.now);
        assertThat(it.state.dueIn(it.now)).isEqualTo(ConnectionState.GRANT_NANOS);
        it.comes();
        assertThat(it.state.dueIn(it.now)).isEqualTo(Deadline.NEVER);
        it.isDropping = true;
        it.state.drain(it.now);
        it.state.answered(Mark.HALF_CLOSE, it.now);
        it.state.ended(CloseReason.SHIPPER, it.now);
        assertThat(it.state.dueIn(it.now)).isEqualTo(QuietPolls.DROPPING_NANOS);
        it.state.close(CloseReason.ERROR, it.now);
        assertThat(it.state.dueIn(it.now)).isEqualTo(Deadline.NEVER);
    }

    @Test
    void withoutLimitsItStays() {
        ScriptedConnection endless = new ScriptedConnection(Limits.Times.UNLIMITED);
        endless.grow(Duration.ofDays(10_000).toSeconds());
        assertThat(endless.done).isEqualTo(List.of());
    }
}
