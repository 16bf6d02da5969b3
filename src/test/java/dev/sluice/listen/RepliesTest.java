package dev.sluice.listen;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.event.Protocol;
import dev.sluice.event.Reply;
import io.netty.buffer.ByteBuf;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RepliesTest {

    private final EmbeddedChannel channel = new EmbeddedChannel();
    private final CountingObserver observer = new CountingObserver();
    private final ShipperConnection connection = EmbeddedShipper.on(channel, Lines.FRAMING, observer);
    private final Replies replies = new Replies(channel, observer, connection);

    @AfterEach
    void close() {
        channel.finishAndReleaseAll();
    }

    @Test
    void repliesLeaveInOrderWhateverIsCommittedFirst() {
        Runnable one = await("one");
        Runnable two = await("two");
        Runnable three = await("three");
        two.run();
        assertThat(sent()).isEmpty();
        one.run();
        assertThat(sent()).containsExactly("onetwo");
        three.run();
        assertThat(sent()).containsExactly("three");
        assertThat(observer.acks).hasValue(3);
        assertThat(replies.isIdle()).isTrue();
    }

    @Test
    void whatABatchCommittedLeavesAsOne() {
        List<Runnable> acks = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            acks.add(await("x"));
        }
        acks.forEach(Runnable::run);
        assertThat(sent()).containsExactly("x".repeat(1000));
    }

    @Test
    void aReplyThatWaitsForNothingStaysBehindThoseThatDo() {
        Runnable one = await("one");
        replies.add(Protocol.RELP, reply("hint"));
        assertThat(sent()).isEmpty();
        one.run();
        assertThat(sent()).containsExactly("onehint");
        replies.add(Protocol.RELP, reply("more"));
        assertThat(sent()).containsExactly("more");
    }

    @Test
    void theEndIsBehindTheLastReply() {
        List<String> ended = new ArrayList<>();
        Runnable one = await("one");
        replies.whenAnswered(() -> ended.add("ended behind " + sent()));
        sent();
        assertThat(ended).isEmpty();
        one.run();
        channel.runPendingTasks();
        assertThat(ended).containsExactly("ended behind [one]");
    }

    @Test
    void manyRepliesThatWaitAreEnough() {
        List<Runnable> acks = new ArrayList<>();
        while (!replies.isFull()) {
            acks.add(await("x".repeat(1000)));
        }
        assertThat(acks.size()).isBetween(50, Replies.BYTES_MAX / 1000 + 1);
        acks.forEach(Runnable::run);
        sent();
        assertThat(replies.isFull()).isFalse();
    }

    @Test
    void anAckThatNeverLeftIsNotCounted() {
        Runnable one = await("one");
        channel.close();
        one.run();
        channel.runPendingTasks();
        assertThat(replies.isIdle()).isTrue();
        assertThat(observer.acks).hasValue(0);
    }

    private Runnable await(String text) {
        return replies.whenCommitted(Protocol.RELP, reply(text));
    }

    private static Reply reply(String text) {
        return new Reply(text.getBytes(US_ASCII), 1);
    }

    /** What was written since, a write each; those without bytes are of no interest. */
    private List<String> sent() {
        channel.runPendingTasks();
        List<String> sent = new ArrayList<>();
        for (ByteBuf next = channel.readOutbound(); next != null; next = channel.readOutbound()) {
            if (next.isReadable()) {
                sent.add(next.toString(US_ASCII));
            }
            next.release();
        }
        return sent;
    }
}
