package dev.sluice.listen;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.event.Framer;
import dev.sluice.event.Origin;
import dev.sluice.event.Protocol;
import dev.sluice.event.Reply;
import dev.sluice.protocol.LumberjackWire;
import dev.sluice.protocol.Protocols;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is unpacked from one read is delivered in parts, as far as there is room. */
class UnpackedFramesTest implements FrameAssembler.Sink {

    private static final int EVENTS = 3000;
    private static final String EVENT = "{\"message\":\"" + "abcdefghij".repeat(5) + "\"}";

    private final Protocols protocols = new Protocols(ZoneOffset.UTC, 64);
    private final List<Integer> deliveries = new ArrayList<>();
    private final StringBuilder replies = new StringBuilder();
    private final List<String> discarded = new ArrayList<>();
    private boolean room = true;
    private final FrameAssembler assembler = assembler();

    private FrameAssembler assembler() {
        Framing framing = new Framing() {
            @Override
            public Protocol detect(byte[] bytes, int from, int to, boolean last) {
                return Protocol.LUMBERJACK;
            }

            @Override
            public Framer framer(Protocol protocol) {
                return protocols.framer(protocol, 64 * 1024);
            }
        };
        return new FrameAssembler(framing, Origin.of("main", "10.0.0.1", Protocol.SYSLOG), this);
    }

    @Override
    public void deliver(FramedRead read, Origin origin, long readNanos, long receivedAtMicros) {
        deliveries.add(read.events());
        replies.append(new String(read.reply().bytes(), ISO_8859_1));
        assembler.keepAlive(); // may happen at any time, and takes no reply with it
    }

    @Override
    public void reply(Protocol protocol, Reply reply) {
        replies.append(new String(reply.bytes(), ISO_8859_1));
    }

    @Override
    public void discarded(Origin origin, ListenObserver.Discard why, int bytes) {
        discarded.add(why + " " + bytes);
    }

    @Override
    public boolean hasRoom() {
        return room;
    }

    @Test
    void partsAreDeliveredWithoutLosingAReply() {
        byte[] stream = LumberjackWire.join(window(1), window(EVENTS), window(1));
        assertThat(read(stream)).isEqualTo(EVENTS + 2);
        assertThat(deliveries).hasSizeGreaterThan(3);
        assertThat(replies.toString()).isEqualTo("2A\0\0\0\1" + "2A\0\0\13\270" + "2A\0\0\0\1");
        assertThat(assembler.heldBytes()).isZero();
    }

    @Test
    void whereThereIsNoRoomItStopsAndGoesOnLater() {
        room = false;
        int events = read(window(EVENTS));
        assertThat(events).isBetween(1, EVENTS / 2);
        assertThat(assembler.state()).isEqualTo(FrameAssembler.State.PENDING);
        int steps = 0;
        while (assembler.state() == FrameAssembler.State.PENDING) {
            if (steps == 1) {
                assertThat(read(window(1))).as("an uncalled read is kept").isZero();
            }
            events += assembler.readOn(0);
            steps++;
        }
        assertThat(events).isEqualTo(EVENTS + 1);
        assertThat(steps).isGreaterThan(2);
        assertThat(replies.toString()).isEqualTo("2A\0\0\13\270" + "2A\0\0\0\1");
        assertThat(assembler.heldBytes()).isZero();
    }

    private int read(byte[] bytes) {
        ByteBuf buffer = Unpooled.wrappedBuffer(bytes);
        try {
            return assembler.read(buffer, 0, false);
        } finally {
            buffer.release();
        }
    }

    private static byte[] window(int events) {
        byte[][] frames = new byte[events][];
        for (int i = 0; i < events; i++) {
            frames[i] = LumberjackWire.json(i + 1, EVENT + i);
        }
        return LumberjackWire.join(LumberjackWire.window(events), LumberjackWire.compressed(frames));
    }
}
