package dev.sluice.listen.connection;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.event.Protocol;
import dev.sluice.event.Reply;
import dev.sluice.listen.budget.MemoryBudget;
import dev.sluice.listen.budget.ReadAllowance;
import dev.sluice.listen.connection.ConnectionEffects.Mark;
import dev.sluice.listen.connection.Replies.Portion;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import org.junit.jupiter.api.Test;

/** What is due and when, without a channel; {@link ReplyWriterTest} writes it. */
class RepliesTest {

    private static final long SECOND = Duration.ofSeconds(1).toNanos();
    private static final long BEGIN = 7 * SECOND;

    private final MemoryBudget budget = new MemoryBudget(1 << 20);
    private final StringBuilder taken = new StringBuilder();
    private final Deque<Portion> written = new ArrayDeque<>();
    private int wakes;
    private final Replies replies = new Replies(new ReadAllowance(budget, budget.join("10.0.0.1")), () -> wakes++);

    @Test
    void whatIsDueEndsBeforeTheFirstThatIsNot() {
        Runnable one = await("one");
        Runnable two = await("two");
        Runnable three = await("three");
        one.run();
        three.run();
        assertThat(replies.due()).isEqualTo(1);
        assertThat(replies.bytesOf(1)).isEqualTo(3);
        assertThat(wakes).isEqualTo(2);
        two.run();
        assertThat(replies.due()).isEqualTo(3);
        assertThat(write().acks()).isEqualTo(3);
        assertThat(taken).hasToString("onetwothree");
    }

    @Test
    void aMarkEndsAPortion() {
        Runnable one = await("one");
        replies.mark(Mark.HALF_CLOSE);
        Runnable two = await("two");
        two.run();
        one.run();
        assertThat(write().mark()).isEqualTo(Mark.HALF_CLOSE);
        assertThat(write().mark()).isNull();
        assertThat(taken).hasToString("onetwo");
    }

    @Test
    void aMarkWithNothingBeforeItLeavesAtOnce() {
        replies.mark(Mark.CLOSE);
        Portion mark = replies.take(replies.due(), this::took);
        assertThat(replies.leavesAtOnce(mark)).isTrue();
        assertThat(replies.isIdle()).isTrue();
        assertThat(budget.inFlight()).isZero();
    }

    @Test
    void aMarkWaitsForWhatIsBeingWritten() {
        await("one").run();
        write();
        replies.mark(Mark.CLOSE);
        assertThat(replies.leavesAtOnce(replies.take(replies.due(), this::took)))
                .isFalse();
    }

    @Test
    void whatIsBeingWrittenCountsUntilItHasLeft() {
        while (!replies.isFull()) {
            await("x".repeat(1000)).run();
        }
        write();
        assertThat(replies.isFull()).isTrue();
        assertThat(replies.isIdle()).isFalse();
        replies.written(written.remove());
        assertThat(replies.isFull()).isFalse();
        assertThat(replies.isIdle()).isTrue();
        assertThat(budget.inFlight()).isZero();
    }

    @Test
    void aKeepAliveIsDueFiveSecondsAfterItBeganToWait() {
        await("one");
        replies.keepPatient(BEGIN);
        assertThat(replies.dueIn(BEGIN)).isEqualTo(5 * SECOND / 2);
        assertThat(replies.takeKeepAlive(BEGIN + 2 * SECOND)).isFalse();
        assertThat(replies.takeKeepAlive(BEGIN + 5 * SECOND / 2)).isFalse();
        assertThat(replies.takeKeepAlive(BEGIN + 5 * SECOND)).isTrue();
    }

    @Test
    void whatWasWrittenKeepsPatientToo() {
        Runnable one = await("one");
        await("two");
        replies.keepPatient(BEGIN);
        replies.takeKeepAlive(BEGIN + 5 * SECOND / 2);
        one.run();
        write();
        replies.written(written.remove());
        assertThat(replies.takeKeepAlive(BEGIN + 5 * SECOND)).isFalse();
        assertThat(replies.takeKeepAlive(BEGIN + 15 * SECOND / 2)).isTrue();
    }

    /** Its kernel is full: it would not hear it before what it has not read. */
    @Test
    void whoTakesNothingIsSentNoKeepAlive() {
        await("one").run();
        await("two");
        write();
        replies.keepPatient(BEGIN);
        replies.takeKeepAlive(BEGIN + 5 * SECOND / 2);
        assertThat(replies.takeKeepAlive(BEGIN + 5 * SECOND)).isFalse();
    }

    @Test
    void whoWaitsForNothingIsNotKeptPatient() {
        await("one").run();
        replies.keepPatient(BEGIN);
        write();
        replies.takeKeepAlive(BEGIN + 5 * SECOND / 2);
        assertThat(replies.isKeptPatient()).isFalse();
        replies.paused(true);
        replies.keepPatient(BEGIN + 5 * SECOND);
        replies.takeKeepAlive(BEGIN + 15 * SECOND / 2);
        assertThat(replies.isKeptPatient()).isTrue();
        replies.forget();
        assertThat(replies.isKeptPatient()).isFalse();
    }

    private Runnable await(String text) {
        return replies.whenCommitted(Protocol.RELP, new Reply(text.getBytes(US_ASCII), 1));
    }

    private Portion write() {
        Portion portion = replies.take(replies.due(), this::took);
        replies.writing(portion, true);
        written.add(portion);
        return portion;
    }

    private void took(byte[] bytes) {
        taken.append(new String(bytes, US_ASCII));
    }
}
