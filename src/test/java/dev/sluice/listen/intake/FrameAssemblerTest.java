package dev.sluice.listen.intake;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.event.FrameLength;
import dev.sluice.event.Framer;
import dev.sluice.event.Origin;
import dev.sluice.event.Protocol;
import dev.sluice.event.ProtocolDetector;
import dev.sluice.event.Reply;
import dev.sluice.listen.report.ListenObserver;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class FrameAssemblerTest implements FrameSink {

    private final List<String> frames = new ArrayList<>();
    private final List<String> replies = new ArrayList<>();
    private final List<Long> received = new ArrayList<>();
    private long nextReceived;
    private boolean hasRoom = true;
    private final FrameAssembler assembler = assembler();

    private FrameAssembler assembler() {
        return new FrameAssembler(Lines.FRAMING, Origin.of("main", "10.0.0.1", Protocol.SYSLOG), this);
    }

    @Override
    public void deliver(FramedRead read, Origin origin, long readNanos, long receivedAtMicros) {
        assertThat(receivedAtMicros).isGreaterThanOrEqualTo(nextReceived);
        nextReceived = receivedAtMicros + read.events();
        received.add(receivedAtMicros);
        byte[] copied = new byte[read.size()];
        int to = read.copyTo(copied, 0);
        for (int at = 0; at < to; ) {
            int length = FrameLength.read(copied, at);
            at += FrameLength.size(length);
            frames.add(new String(copied, at, length, US_ASCII));
            at += length;
        }
        read.refused().forEach(refused -> frames.add(new String(refused.payload(), US_ASCII)));
    }

    @Override
    public void reply(Protocol protocol, Reply reply) {
        replies.add(new String(reply.bytes(), US_ASCII));
    }

    @Override
    public void discarded(Origin origin, ListenObserver.Discard why, int bytes) {
        replies.add(why + " " + bytes);
    }

    @Override
    public boolean hasRoom(int bytes) {
        return hasRoom;
    }

    private int read(String text) {
        ByteBuf buffer = Unpooled.copiedBuffer(text, US_ASCII);
        try {
            return assembler.read(buffer, System.nanoTime(), false);
        } finally {
            buffer.release();
        }
    }

    @Test
    void whiteSpaceBeforeTheFirstEventTakesNoMemory() {
        FrameAssembler undecided = new FrameAssembler(
                new Framing() {
                    @Override
                    public ProtocolDetector detector() {
                        return (bytes, from, to, last) ->
                                new String(bytes, from, to - from, US_ASCII).isBlank() ? null : Protocol.SYSLOG;
                    }

                    @Override
                    public Framer framer(Protocol protocol) {
                        return Lines.FRAMING.framer(protocol);
                    }
                },
                Origin.of("main", "10.0.0.1", Protocol.SYSLOG),
                this);
        for (int i = 0; i < 10; i++) {
            undecided.read(Unpooled.copiedBuffer(" \n\r\t".repeat(10_000), US_ASCII), 0, false);
            assertThat(undecided.heldBytes()).isZero();
        }
        undecided.read(Unpooled.copiedBuffer("\nfirst\n", US_ASCII), 0, false);
        assertThat(frames).containsExactly("first");
    }

    @Test
    void aFrameGrowsByNoMoreThanCameWhenThereIsNoRoom() {
        assembler.read(Unpooled.copiedBuffer("x".repeat(38_000), US_ASCII), 0, false);
        int held = assembler.heldBytes();
        assembler.read(Unpooled.copiedBuffer("xx", US_ASCII), 0, true);
        assertThat(assembler.heldBytes()).isEqualTo(held + 2);
    }

    @Test
    void anyChunkingGivesTheSameFrames() {
        SplittableRandom random = new SplittableRandom(7);
        for (int round = 0; round < 200; round++) {
            StringBuilder stream = new StringBuilder();
            List<String> expected = new ArrayList<>();
            for (int i = 0; i < 30; i++) {
                String frame = i + "-" + "x".repeat(random.nextInt(20_000 >> random.nextInt(14)));
                expected.add(frame);
                stream.append(frame).append(random.nextBoolean() ? "\n" : "\n\n");
            }
            frames.clear();
            for (int at = 0; at < stream.length(); ) {
                int to = Math.min(stream.length(), at + 1 + random.nextInt(65_536 >> random.nextInt(16)));
                read(stream.substring(at, to));
                at = to;
            }
            assertThat(frames).isEqualTo(expected);
            assertThat(assembler.isInsideFrame()).isFalse();
            assertThat(assembler.heldBytes()).isZero();
        }
    }

    @Test
    void anIncompleteFrameIsKeptAndCounted() {
        assertThat(read("one\ntw")).isEqualTo(1);
        assertThat(assembler.isInsideFrame()).isTrue();
        assertThat(assembler.heldBytes()).isPositive();
        assertThat(read("o\n")).isEqualTo(1);
        assertThat(frames).containsExactly("one", "two");
        assertThat(assembler.isInsideFrame()).isFalse();
        assertThat(assembler.heldBytes()).isZero();
    }

    @Test
    void aLongFrameThatIsCompleteLeavesNoLongArrayBehind() {
        read("x".repeat(60_000));
        read("x".repeat(60_000));
        assertThat(assembler.heldBytes()).isBetween(120_000, 180_000);
        read("\nrest");
        assertThat(frames).hasSize(1);
        assertThat(assembler.heldBytes()).isLessThanOrEqualTo(256);
    }

    @Test
    void theEndDeliversTheLastLine() {
        read("one\ntwo");
        assertThat(assembler.end()).isEqualTo(1);
        assertThat(assembler.end()).isZero();
        assertThat(frames).containsExactly("one", "two");
    }

    @Test
    void theEndOfAConnectionThatSentNothingDeliversNothing() {
        assertThat(assembler.end()).isZero();
        assertThat(frames).isEmpty();
    }

    @Test
    void refusedFramesAreDeliveredWithTheOthers() {
        assertThat(read("one\n!two\nthree\n")).isEqualTo(3);
        assertThat(frames).containsExactly("one", "three", "!two");
    }

    @Test
    void veryManyTinyFramesBecomeSeveralDeliveries() {
        String[] tiny = new String[3000];
        Arrays.fill(tiny, "a");
        assertThat(read(String.join("\n", tiny) + "\n")).isEqualTo(3000);
        assertThat(frames).hasSize(3000);
        assertThat(received).hasSize(3);
    }

    /** A connection that ends while there is no room has no later. */
    @Test
    void whatIsPendingAtTheEndIsFramedToItsEnd() {
        hasRoom = false;
        String[] tiny = new String[3000];
        Arrays.fill(tiny, "a");
        assertThat(read(String.join("\n", tiny))).isEqualTo(1024);
        assertThat(assembler.state()).isEqualTo(FramingState.PENDING);
        assertThat(assembler.end()).isEqualTo(3000 - 1024);
    }

    @Test
    void theFirstBytesTellTheProtocol() {
        assertThat(assembler.origin().protocol()).isEqualTo(Protocol.SYSLOG);
        read("{}\n");
        assertThat(assembler.origin().protocol()).isEqualTo(Protocol.JSON);
        assertThat(assembler.origin().source()).isEqualTo("10.0.0.1");
    }

    @Test
    void aReplyIsThatOfItsDeliveryAndAGoodbyeEndsTheReading() {
        FrameAssembler conversation =
                new FrameAssembler(new Answering(), Origin.of("main", "10.0.0.1", Protocol.RELP), new FrameSink() {
                    @Override
                    public void deliver(FramedRead read, Origin origin, long readNanos, long receivedAtMicros) {
                        replies.add(read.events() + new String(read.reply().bytes(), US_ASCII));
                    }

                    @Override
                    public void reply(Protocol protocol, Reply reply) {
                        replies.add(new String(reply.bytes(), US_ASCII));
                    }

                    @Override
                    public void discarded(Origin origin, ListenObserver.Discard why, int bytes) {
                        replies.add(why + " " + bytes);
                    }

                    @Override
                    public boolean hasRoom(int bytes) {
                        return true;
                    }
                });
        conversation.greet();
        ByteBuf buffer = Unpooled.copiedBuffer("one\n\ntwo\n\nend\nmore\n", US_ASCII);
        conversation.read(buffer, 0, false);
        buffer.release();
        assertThat(conversation.state()).isEqualTo(FramingState.GOODBYE);
        assertThat(conversation.heldBytes()).isZero();
        assertThat(new String(conversation.keepAlive().bytes(), US_ASCII)).isEqualTo("patience");
        assertThat(replies).containsExactly("hello", "2[one][two][end]", "GOODBYE 5");
    }

    /** Greets, answers each line, and ends with the line {@code end}. */
    private static final class Answering implements Framing {
        @Override
        public ProtocolDetector detector() {
            return (bytes, from, to, last) -> Protocol.RELP;
        }

        @Override
        public Framer framer(Protocol protocol) {
            Framer lines = Lines.FRAMING.framer(protocol);
            return new Framer() {
                @Override
                public Found next(byte[] bytes, int from, int to, Frame frame) {
                    Found found = lines.next(bytes, from, to, frame);
                    if (found != Found.FRAME) {
                        return found;
                    }
                    String line = new String(bytes, frame.from(), frame.to() - frame.from(), US_ASCII);
                    frame.reply().put(("[" + line + "]").getBytes(US_ASCII));
                    return line.equals("end") ? Found.GOODBYE : found;
                }

                @Override
                public Found last(byte[] bytes, int from, int to, Frame frame) {
                    return lines.last(bytes, from, to, frame);
                }

                @Override
                public void greet(Frame frame) {
                    frame.reply().put("hello".getBytes(US_ASCII));
                }

                @Override
                public void keepAlive(Frame frame) {
                    frame.reply().put("patience".getBytes(US_ASCII));
                }
            };
        }
    }
}
