package dev.sluice.listen.connection;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.event.Framer;
import dev.sluice.event.Protocol;
import dev.sluice.event.ProtocolDetector;
import dev.sluice.listen.CountingObserver;
import dev.sluice.listen.intake.Framing;
import dev.sluice.listen.report.ListenObserver.CloseReason;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.util.ReferenceCountUtil;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A shipper that is there, and takes no reply: the socket accepts no more. */
class ReplyTimeoutTest {

    private final CountingObserver observer = new CountingObserver();
    private final Deque<ChannelPromise> writes = new ArrayDeque<>();
    private final EmbeddedChannel channel = new EmbeddedChannel(new ChannelOutboundHandlerAdapter() {
        @Override
        public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
            ReferenceCountUtil.release(message);
            writes.add(promise);
        }
    });
    private final ShipperConnection connection = EmbeddedShipper.on(channel, new Greeting(), observer);
    private final long begin = System.nanoTime();
    private long seconds;

    @AfterEach
    void close() {
        channel.finishAndReleaseAll();
    }

    /** Once a second. */
    private void visitUntil(Duration time) {
        for (; seconds < time.toSeconds(); seconds++) {
            visitAfter(Duration.ofSeconds(seconds));
        }
    }

    private void visitAfter(Duration time) {
        connection.onTick(begin + time.toNanos());
        channel.runPendingTasks();
    }

    @Test
    void whoTakesNoReplyForMinutesIsClosed() {
        channel.pipeline().addLast(connection);
        channel.runPendingTasks();
        visitUntil(Duration.ofMinutes(4));
        assertThat(channel.isOpen()).isTrue();
        visitUntil(Duration.ofMinutes(6));
        assertThat(channel.isOpen()).isFalse();
        assertThat(observer.closed).containsExactly(CloseReason.REPLY_TIMEOUT);
    }

    @Test
    void whoSendsNoMoreAndTakesNoReplyIsClosed() {
        channel.pipeline().addLast(connection);
        channel.runPendingTasks();
        channel.pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
        visitUntil(Duration.ofMinutes(4));
        assertThat(channel.isOpen()).isTrue();
        visitUntil(Duration.ofMinutes(6));
        assertThat(observer.closed).containsExactly(CloseReason.REPLY_TIMEOUT);
    }

    /** The process stood still: what was in the socket's queue may have been taken long ago. */
    @Test
    void timeInWhichNobodyLookedIsNotTheShippers() {
        channel.pipeline().addLast(connection);
        channel.runPendingTasks();
        visitUntil(Duration.ofMinutes(4));
        visitAfter(Duration.ofHours(1));
        assertThat(channel.isOpen()).isTrue();
    }

    @Test
    void whoTakesAReplyNowAndThenIsNot() {
        channel.pipeline().addLast(connection);
        channel.runPendingTasks();
        visitUntil(Duration.ofMinutes(4));
        writes.remove().setSuccess();
        visitUntil(Duration.ofMinutes(8));
        assertThat(channel.isOpen()).isTrue();
    }

    @Test
    void whoTakesItsRepliesIsNot() {
        channel.pipeline().addLast(connection);
        channel.runPendingTasks();
        writes.forEach(ChannelPromise::setSuccess);
        visitAfter(Duration.ofDays(1));
        assertThat(channel.isOpen()).isTrue();
    }

    private static final class Greeting implements Framing {
        @Override
        public ProtocolDetector detector() {
            return (bytes, from, to, last) -> Protocol.FORWARD;
        }

        @Override
        public Framer framer(Protocol protocol) {
            return new Framer() {
                @Override
                public void greet(Frame frame) {
                    frame.reply().put("hello".getBytes(US_ASCII));
                }

                @Override
                public Found next(byte[] bytes, int from, int to, Frame frame) {
                    return Found.INCOMPLETE;
                }
            };
        }
    }
}
