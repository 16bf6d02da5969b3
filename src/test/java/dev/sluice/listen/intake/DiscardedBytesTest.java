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
import io.netty.buffer.Unpooled;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is read and comes to nothing is counted, by reason. */
class DiscardedBytesTest implements FrameSink {

    private static final String OPEN = "1 open 0\n";

    private final Protocols protocols = new Protocols(ZoneOffset.UTC, 64);
    private final List<String> discarded = new ArrayList<>();
    private int events;
    private boolean room = true;
    private final FrameAssembler assembler = new FrameAssembler(
            new Framing() {
                @Override
                public ProtocolDetector detector() {
                    return protocols.detector();
                }

                @Override
                public Framer framer(Protocol protocol) {
                    return protocols.framer(protocol, 64 * 1024);
                }
            },
            Origin.of("main", "10.0.0.1", Protocol.SYSLOG),
            this);

    @Override
    public void deliver(FramedRead read, Origin origin, long readNanos, long receivedAtMicros) {
        events += read.events();
    }

    @Override
    public void reply(Protocol protocol, Reply reply) {}

    @Override
    public void discarded(Origin origin, ListenObserver.Discard why, int bytes) {
        discarded.add(why + " " + bytes);
    }

    @Override
    public boolean hasRoom(int bytes) {
        return room || events == 0;
    }

    @Test
    void whatIsNotTheProtocolAndAllAfterIt() {
        read(OPEN + "2 syslog 1 a\nno relp");
        read("what the kernel had still");
        assembler.end();
        assertThat(assembler.state()).isEqualTo(FramingState.MALFORMED);
        assertThat(discarded).containsExactly("PROTOCOL_ERROR 7", "PROTOCOL_ERROR 25");
        assertThat(events).isEqualTo(1);
    }

    @Test
    void whatStandsAfterTheEndOfAConversation() {
        read(OPEN + "2 close 0\nmore");
        assertThat(discarded).containsExactly("GOODBYE 4");
    }

    @Test
    void whatWasNotAnsweredWhenTheConnectionEnds() {
        read(OPEN + "2 syslog 100 abc");
        assembler.end();
        assertThat(discarded).containsExactly("INCOMPLETE 16");
    }

    @Test
    void whatTheShipperSendsElsewhere() {
        read(OPEN + "2 syslog 100 abc");
        assembler.farewell();
        read("more");
        assembler.end();
        assertThat(discarded).containsExactly("FAREWELL 16", "FAREWELL 4");
    }

    @Test
    void whatOneSendsElsewhereThatHadSaidNothingYet() {
        assembler.farewell();
        read("2 o");
        read(OPEN.substring(3) + "2 syslog 3 abc\n");
        assertThat(discarded).containsExactly("FAREWELL " + (OPEN.length() + 15));
        assertThat(events).isZero();
    }

    @Test
    void nothingOfOneThatIsNotAnswered() {
        assembler.farewell();
        read("<13>one\n<13>two\n");
        assertThat(discarded).isEmpty();
        assertThat(events).isEqualTo(2);
    }

    @Test
    void theUnpackedBeginningOfAFrame() {
        byte[] event = LumberjackWire.json(1, "abc");
        byte[] packed = LumberjackWire.compressed(Arrays.copyOf(event, event.length - 1));
        byte[] stream = LumberjackWire.join(LumberjackWire.window(1), packed);
        assembler.read(Unpooled.wrappedBuffer(stream, 0, stream.length - 4), 0, false);
        assertThat(discarded).isEmpty();
        assembler.end();
        assertThat(discarded).hasSize(1);
        assertThat(discarded.getFirst()).startsWith("INCOMPLETE ");
    }

    @Test
    void whatWaitedForRoomWhenTheConnectionEnds() {
        room = false;
        byte[][] frames = new byte[3000][];
        Arrays.setAll(frames, i -> LumberjackWire.json(i + 1, "an event that is longer than a few bytes " + i));
        byte[] stream = LumberjackWire.join(LumberjackWire.window(3000), LumberjackWire.compressed(frames));
        assembler.read(Unpooled.wrappedBuffer(stream), 0, false);
        assertThat(assembler.state()).isEqualTo(FramingState.PENDING);
        assembler.end();
        assertThat(discarded).isNotEmpty().allMatch(one -> one.startsWith("INCOMPLETE "));
        assertThat(events).isBetween(1, 2999);
    }

    @Test
    void textIsNeverDiscarded() {
        read("<1>a\n<2>b");
        assembler.end();
        assertThat(discarded).isEmpty();
        assertThat(events).isEqualTo(2);
    }

    private void read(String text) {
        assembler.read(Unpooled.copiedBuffer(text, ISO_8859_1), 0, false);
    }
}
