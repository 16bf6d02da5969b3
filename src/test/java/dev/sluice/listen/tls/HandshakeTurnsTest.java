package dev.sluice.listen.tls;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.EventLoop;
import io.netty.channel.IoHandle;
import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerContext;
import io.netty.channel.IoRegistration;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** On a real event loop, whose turns are counted: each begins with its reads. */
class HandshakeTurnsTest {

    private final AtomicInteger turns = new AtomicInteger();
    private final MultiThreadIoEventLoopGroup loops = new MultiThreadIoEventLoopGroup(
            1, thread -> new Counting(NioIoHandler.newFactory().newHandler(thread), turns));
    private final EventLoop loop = loops.next();
    private final List<String> served = new ArrayList<>();
    private final List<Integer> turnsOfServed = new ArrayList<>();

    @AfterEach
    void stop() throws InterruptedException {
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
    }

    private final class Handshake implements HandshakeTurns.Waiter {
        private final String source;

        Handshake(String source) {
            this.source = source;
        }

        @Override
        public String source() {
            return source;
        }

        @Override
        public void onTurn() {
            served.add(source);
            turnsOfServed.add(turns.get());
        }
    }

    @Test
    void theLoopReadsBetweenTwoOfThem() throws Exception {
        serve("a", "a", "a", "a", "a");
        assertThat(turnsOfServed).hasSize(5).doesNotHaveDuplicates();
    }

    @Test
    void sourcesTakeTurns() throws Exception {
        serve("a", "a", "a", "b", "b", "c");
        assertThat(served).containsExactly("a", "b", "c", "a", "b", "a");
    }

    @Test
    void whoIsGoneIsLeftOut() throws Exception {
        loop.submit(() -> {
                    Handshake gone = new Handshake("gone");
                    HandshakeTurns.get().join(gone, loop);
                    HandshakeTurns.get().join(new Handshake("a"), loop);
                    HandshakeTurns.get().leave(gone);
                    HandshakeTurns.get().leave(gone);
                })
                .sync();
        await(1);
        assertThat(served).containsExactly("a");
    }

    private void serve(String... sources) throws Exception {
        loop.submit(() -> {
                    for (String source : sources) {
                        HandshakeTurns.get().join(new Handshake(source), loop);
                    }
                })
                .sync();
        await(sources.length);
    }

    private void await(int count) throws Exception {
        while (loop.submit(served::size).get() < count) {
            Thread.onSpinWait();
        }
    }

    private static final class Counting implements IoHandler {
        private final IoHandler io;
        private final AtomicInteger turns;

        Counting(IoHandler io, AtomicInteger turns) {
            this.io = io;
            this.turns = turns;
        }

        @Override
        public int run(IoHandlerContext context) {
            turns.incrementAndGet();
            return io.run(context);
        }

        @Override
        public IoRegistration register(IoHandle handle) throws Exception {
            return io.register(handle);
        }

        @Override
        public void wakeup() {
            io.wakeup();
        }

        @Override
        public boolean isCompatible(Class<? extends IoHandle> type) {
            return io.isCompatible(type);
        }

        @Override
        public void destroy() {
            io.destroy();
        }
    }
}
