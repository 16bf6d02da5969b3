package dev.sluice.listen.intake;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

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
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** What is unpacked from one read is delivered in parts, as far as there is room. */
class UnpackedFramesTest implements FrameSink {

    private static final int EVENTS = 3000;
    private static final String EVENT = "{\"message\":\"" + "abcdefghij".repeat(5) + "\"}";

    private final Protocols protocols = new Protocols(ZoneOffset.UTC, 64);
    private final List<Integer> deliveries = new ArrayList<>();
    private final StringBuilder replies = new StringBuilder();
    private final List<String> discarded = new ArrayList<>();
    private int asked;
    private int longestReply;
    private int delivered;
    private boolean roomForOne;
    private boolean room = true;
    private final FrameAssembler assembler = assembler();

    private FrameAssembler assembler() {
        Framing framing = new Framing() {
            @Override
            public ProtocolDetector detector() {
                return (bytes, from, to, last) -> Protocol.LUMBERJACK;
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
        delivered++;
        replies.append(new String(read.reply().bytes(), ISO_8859_1));
        assembler.keepAlive(); // may happen at any time, and takes no reply with it
    }

    @Override
    public void reply(Protocol protocol, Reply reply) {
        longestReply = Math.max(longestReply, reply.bytes().length);
        replies.append(new String(reply.bytes(), ISO_8859_1));
    }

    @Override
    public void discarded(Origin origin, ListenObserver.Discard why, int bytes) {
        discarded.add(why + " " + bytes);
    }

    @Override
    public boolean hasRoom(int bytes) {
        asked = Math.max(asked, bytes);
        return roomForOne ? delivered == 0 : room;
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
    void aFrameThatOnlyBeginsTakesNoMoreThanItsBytes() {
        read(Arrays.copyOf(window(EVENTS), 20));
        assertThat(assembler.isInsideFrame()).isTrue();
        assertThat(assembler.heldBytes()).isLessThanOrEqualTo(256);
    }

    /** Such as what zlib takes, and the array of a long event. */
    @Test
    void nothingIsTakenBeforeThereIsRoomForIt() {
        byte[] random = new byte[30_000];
        new SplittableRandom(1).nextBytes(random);
        String event = "{\"message\":\"" + Base64.getEncoder().encodeToString(random) + "\"}";
        byte[] stream =
                LumberjackWire.join(LumberjackWire.window(1), LumberjackWire.compressed(LumberjackWire.json(1, event)));
        room = false;
        for (int at = 0; at < stream.length; at += 1000) {
            read(Arrays.copyOfRange(stream, at, Math.min(stream.length, at + 1000)));
        }
        assertThat(assembler.state()).isEqualTo(FramingState.PENDING);
        assertThat(assembler.heldBytes()).isLessThan(stream.length + stream.length / 4);
        for (int i = 0; i < 10; i++) {
            assembler.readOn(0);
        }
        assertThat(assembler.heldBytes()).isLessThan(stream.length + stream.length / 4);
        room = true;
        asked = 0;
        assertThat(assembler.readOn(0)).isEqualTo(1);
        assertThat(asked).isGreaterThan(stream.length / 2 + 64 * 1024 + 24 * 1024);
        assertThat(assembler.heldBytes()).isZero();
    }

    /** A window of no events is answered, too: a short frame becomes very many of them. */
    @Test
    void emptyWindowsAreAnsweredAsFarAsThereIsRoom() {
        byte[][] empty = new byte[100_000][];
        SplittableRandom random = new SplittableRandom(3);
        for (int i = 0; i < empty.length; i++) {
            empty[i] = LumberjackWire.window(0);
            empty[i][0] = (byte) ('1' + random.nextInt(2));
        }
        room = false;
        read(LumberjackWire.compressed(empty));
        assertThat(assembler.state()).isEqualTo(FramingState.PENDING);
        assertThat(replies.length()).isLessThan(2 * 4096);
        room = true;
        assembler.readOn(0);
        assertThat(replies.length()).isEqualTo(6 * empty.length);
        assertThat(longestReply).isLessThan(2 * 4096);
        assertThat(assembler.heldBytes()).isZero();
    }

    @Test
    void whereThereIsNoRoomItStopsAndGoesOnLater() {
        roomForOne = true;
        int events = read(window(EVENTS));
        assertThat(events).isBetween(1, EVENTS / 2);
        assertThat(assembler.state()).isEqualTo(FramingState.PENDING);
        int steps = 0;
        while (assembler.state() == FramingState.PENDING) {
            if (steps == 1) {
                assertThat(read(window(1))).as("an uncalled read is kept").isZero();
            }
            delivered = 0;
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
