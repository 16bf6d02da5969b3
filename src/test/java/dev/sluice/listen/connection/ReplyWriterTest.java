package dev.sluice.listen.connection;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.event.Protocol;
import dev.sluice.event.Reply;
import dev.sluice.listen.CountingObserver;
import dev.sluice.listen.budget.MemoryBudget;
import dev.sluice.listen.budget.ReadAllowance;
import dev.sluice.listen.connection.ConnectionEffects.Mark;
import dev.sluice.listen.intake.Lines;
import dev.sluice.listen.report.ListenObserver.CloseReason;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.ReferenceCountUtil;
import java.lang.reflect.Proxy;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ReplyWriterTest {

    private final EmbeddedChannel channel = new EmbeddedChannel();
    private final CountingObserver observer = new CountingObserver();
    private final ShipperConnection connection = EmbeddedShipper.on(channel, Lines.FRAMING, observer);
    private final Deque<ChannelPromise> unwritten = new ArrayDeque<>();
    private final MemoryBudget budget = new MemoryBudget(1 << 20);
    private final ReplyWriter writer =
            new ReplyWriter(channel, observer, connection, new ReadAllowance(budget, budget.join("10.0.0.1")));
    private final Replies replies = writer.replies();

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
    void aReplyThatWaitsForNothingStaysAfterThoseThatDo() {
        Runnable one = await("one");
        replies.add(Protocol.RELP, reply("hint"));
        assertThat(sent()).isEmpty();
        one.run();
        assertThat(sent()).containsExactly("onehint");
        replies.add(Protocol.RELP, reply("more"));
        assertThat(sent()).containsExactly("more");
    }

    @Test
    void theEndIsAfterTheLastReply() {
        Runnable one = await("one");
        replies.mark(Mark.CLOSE);
        assertThat(sent()).isEmpty();
        assertThat(channel.isOpen()).isTrue();
        one.run();
        assertThat(sent()).containsExactly("one");
        assertThat(channel.isOpen()).isFalse();
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

    @Test
    void whatIsQueuedOrNotYetTakenCountsInTheBudget() {
        EmbeddedChannel slow = new EmbeddedChannel(new ChannelOutboundHandlerAdapter() {
            @Override
            public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
                ReferenceCountUtil.release(message);
                unwritten.add(promise);
            }
        });
        ReplyWriter taken =
                new ReplyWriter(slow, observer, connection, new ReadAllowance(budget, budget.join("10.0.0.1")));
        Runnable one = taken.whenCommitted(Protocol.FORWARD, reply("x".repeat(1000)));
        taken.whenCommitted(Protocol.FORWARD, reply("x".repeat(1000)));
        assertThat(budget.inFlight()).isBetween(2000L, 2500L);
        one.run();
        slow.runPendingTasks();
        assertThat(budget.inFlight()).isBetween(2000L, 2500L);
        unwritten.remove().setSuccess();
        assertThat(budget.inFlight()).isBetween(1000L, 1250L);
        taken.replies().forget();
        assertThat(budget.inFlight()).isZero();
        taken.whenCommitted(Protocol.FORWARD, reply("too late")).run();
        assertThat(budget.inFlight()).isZero();
        slow.finishAndReleaseAll();
    }

    @Test
    void anAnswerThatCannotBeWrittenEndsTheConnectionBeforeTheNextIsGiven() {
        channel.pipeline().addLast(connection);
        channel.runPendingTasks();
        Runnable one = await("one");
        Runnable two = await("two");
        ByteBufAllocator allocator = channel.config().getAllocator();
        channel.config().setAllocator(noMemory());
        one.run();
        assertThat(sent()).isEmpty();
        channel.config().setAllocator(allocator);
        two.run();
        assertThat(channel.isOpen()).isFalse();
        assertThat(observer.closed).containsExactly(CloseReason.INTERNAL_ERROR);
        assertThat(observer.acks).hasValue(0);
    }

    /** An allocator that has nothing left. */
    private static ByteBufAllocator noMemory() {
        return (ByteBufAllocator) Proxy.newProxyInstance(
                ReplyWriterTest.class.getClassLoader(),
                new Class<?>[] {ByteBufAllocator.class},
                (proxy, method, args) -> {
                    throw new IllegalStateException("no memory");
                });
    }

    private Runnable await(String text) {
        return writer.whenCommitted(Protocol.RELP, reply(text));
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
