package dev.sluice.listen.intake;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.event.Framer;
import dev.sluice.event.Origin;
import dev.sluice.event.Protocol;
import dev.sluice.event.ProtocolDetector;
import dev.sluice.event.Reply;
import dev.sluice.listen.report.ListenObserver;
import dev.sluice.protocol.Protocols;
import dev.sluice.protocol.lumberjack.LumberjackWire;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The connections of an event loop share what they frame with, and nothing that one of them is told. */
class LoopScratchTest {

    private static final byte[] UNPACKED_WINDOW = LumberjackWire.join(
            LumberjackWire.window(2),
            LumberjackWire.compressed(LumberjackWire.json(1, "{}"), LumberjackWire.json(2, "{}")));
    private static final byte[] PART_OF_WINDOW =
            LumberjackWire.join(LumberjackWire.window(5), LumberjackWire.json(1, "{}"), LumberjackWire.json(2, "{}"));

    private final Protocols protocols = new Protocols(ZoneOffset.UTC, 64);

    @Test
    void whatAFailedReadWasToBeAnsweredIsToldToNobodyElse() {
        Connection failing = new Connection(Protocol.LUMBERJACK);
        failing.fails = true;
        assertThatThrownBy(() -> failing.read(UNPACKED_WINDOW)).isInstanceOf(OutOfMemoryError.class);
        Connection next = new Connection(Protocol.LUMBERJACK);
        assertThat(next.read(PART_OF_WINDOW)).isEqualTo(2);
        assertThat(next.replies).isEmpty();
    }

    @Test
    void aFramerThatFailsLeavesNoReplyToAnyOtherUse() {
        Connection failing = new Connection(Protocol.RELP, new Framer() {
            @Override
            public Found next(byte[] bytes, int from, int to, Frame frame) {
                frame.reply().put("1 rsp 6 200 OK\n".getBytes(ISO_8859_1));
                frame.acknowledged();
                throw new IllegalStateException("a bug");
            }
        });
        assertThatThrownBy(() -> failing.read(new byte[1])).isInstanceOf(IllegalStateException.class);
        Connection greeted = new Connection(Protocol.RELP);
        greeted.assembler.greet();
        greeted.assembler.farewell();
        greeted.read("1 open 0 \n".getBytes(ISO_8859_1));
        assertThat(String.join("", greeted.replies)).startsWith("0 serverclose").doesNotContain("rsp 6");
        assertThat(greeted.acks).isZero();
    }

    @Test
    void nothingMoreIsMadeOfAConnectionThatFailed() {
        List<String> closed = new ArrayList<>();
        Framer lines = Lines.FRAMING.framer(Protocol.SYSLOG);
        Connection failing = new Connection(Protocol.SYSLOG, new Framer() {
            @Override
            public Found next(byte[] bytes, int from, int to, Frame frame) {
                return lines.next(bytes, from, to, frame);
            }

            @Override
            public void close() {
                closed.add("closed");
            }
        });
        failing.read("begun ".getBytes(ISO_8859_1));
        failing.fails = true;
        assertThatThrownBy(() -> failing.read("ended\nnext".getBytes(ISO_8859_1)))
                .isInstanceOf(OutOfMemoryError.class);
        failing.fails = false;
        assertThat(failing.assembler.state()).isEqualTo(FramingState.FAILED);
        assertThat(failing.assembler.heldBytes()).isZero();
        assertThat(failing.read("more\n".getBytes(ISO_8859_1))).isZero();
        assertThat(failing.assembler.end()).isZero();
        assertThat(failing.delivered).isZero();
        assertThat(closed).containsExactly("closed");
    }

    private final class Connection implements FrameSink {
        private final List<String> replies = new ArrayList<>();
        private final FrameAssembler assembler;
        private boolean fails;
        private int acks;
        private int delivered;

        Connection(Protocol protocol) {
            this(protocol, protocols.framer(protocol, 64 * 1024));
        }

        Connection(Protocol protocol, Framer framer) {
            Framing framing = new Framing() {
                @Override
                public ProtocolDetector detector() {
                    return (bytes, from, to, last) -> protocol;
                }

                @Override
                public Framer framer(Protocol of) {
                    return framer;
                }
            };
            assembler = new FrameAssembler(framing, Origin.of("main", "10.0.0.1", protocol), this);
        }

        int read(byte[] bytes) {
            ByteBuf buffer = Unpooled.wrappedBuffer(bytes);
            try {
                return assembler.read(buffer, 0, false);
            } finally {
                buffer.release();
            }
        }

        @Override
        public void deliver(FramedRead read, Origin origin, long readNanos, long receivedAtMicros) {
            if (fails) {
                throw new OutOfMemoryError("as if");
            }
            delivered += read.events();
            reply(origin.protocol(), read.reply());
        }

        @Override
        public void reply(Protocol protocol, Reply reply) {
            acks += reply.acks();
            if (!reply.isEmpty()) {
                replies.add(new String(reply.bytes(), ISO_8859_1));
            }
        }

        @Override
        public void discarded(Origin origin, ListenObserver.Discard why, int bytes) {}

        @Override
        public boolean hasRoom(int bytes) {
            return true;
        }
    }
}
