package dev.sluice.listen.intake;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.event.FrameLength;
import dev.sluice.event.Framer;
import dev.sluice.event.Origin;
import dev.sluice.event.Protocol;
import dev.sluice.event.ProtocolDetector;
import dev.sluice.event.Reply;
import dev.sluice.listen.budget.ReadAllowance;
import dev.sluice.listen.report.ListenObserver;
import dev.sluice.protocol.Protocols;
import io.netty.buffer.Unpooled;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Streams that get out of step, or have no line ends: the damaged frame suffers, and those that follow do not. */
class SlippedStreamsTest {

    private static final int FRAME_BYTES_MAX = 256 * 1024;
    private static final int GOOD = 10_000;

    private static final String EVENT = "<14>1 2026-11-27T12:00:00Z h1 app - - - ";

    private final Protocols protocols = new Protocols(ZoneOffset.UTC, 64);

    /** What became of one connection's bytes. */
    private final class Stream implements FrameSink {
        final List<String> frames = new ArrayList<>();
        final List<String> rejected = new ArrayList<>();
        final FrameAssembler assembler;
        int discarded;
        int most;

        Stream(@Nullable Protocol only) {
            Framing framing = new Framing() {
                @Override
                public ProtocolDetector detector() {
                    return only == null ? protocols.detector() : (bytes, from, to, last) -> only;
                }

                @Override
                public Framer framer(Protocol protocol) {
                    return protocols.framer(protocol, FRAME_BYTES_MAX);
                }
            };
            assembler = new FrameAssembler(framing, Origin.of("main", "10.0.0.1", Protocol.SYSLOG), this);
        }

        @Override
        public void deliver(FramedRead read, Origin origin, long readNanos, long receivedAtMicros) {
            byte[] copied = new byte[read.size()];
            int to = read.copyTo(copied, 0);
            for (int at = 0; at < to; ) {
                int length = FrameLength.read(copied, at);
                at += FrameLength.size(length);
                frames.add(new String(copied, at, length, UTF_8));
                at += length;
            }
            read.refused().forEach(refused -> rejected.add(new String(refused.payload(), ISO_8859_1)));
        }

        @Override
        public void reply(Protocol protocol, Reply reply) {}

        @Override
        public void discarded(Origin origin, ListenObserver.Discard why, int bytes) {
            discarded += bytes;
        }

        @Override
        public boolean hasRoom(int bytes) {
            return true;
        }

        Stream read(byte[] bytes, int... ends) {
            int from = 0;
            for (int end : ends) {
                assembler.read(Unpooled.wrappedBuffer(bytes, from, end - from), 0, false);
                from = end;
            }
            while (from < bytes.length) {
                int to = Math.min(bytes.length, from + ReadAllowance.READ_BYTES);
                assembler.read(Unpooled.wrappedBuffer(bytes, from, to - from), 0, false);
                from = to;
                most = Math.max(most, assembler.heldBytes());
            }
            assembler.end();
            return this;
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "21 a message without PRI",
                "26 {\"message\":\"counted JSON\"}",
                "48  <14>1 2026-11-27T12:00:00Z h1 app - - - a blank",
                "-- MARK --",
                "-- MARK --\n",
                "00044 <14>1 2026-11-27T12:00:00Z h1 app - - - zero",
                "59 <14>1 2026-11-27T12:00:00Z h1 app - - - Größe überschritten",
                "44 <14>1 2026-11-27T12:00:00Z h1 app - - - x56\n",
                "240 <14>1 2026-11-27T12:00:00Z h1 app - - - cut short\n",
                "240 <14>1 2026-11-27T12:00:00Z h1 app - - - cut short",
                "42 <14>1 2026-11-27T12:00:00Z h1 app - - - one",
                "44 <14>1 2026-11-27T12:00:00Z h1 app - - - ones",
                "43 <14>1 2026-11-27T12:00:00Z h1 app - - - slip",
                "42 <14>1 2026-11-27T12:00:00Z h1 app - - - sl17",
                "43 <14>1 2026-11-27T12:00:00Z h1 app - - - sl17",
                "45 <14>1 2026-11-27T12:00:00Z h1 app - - - sl17",
                "<14>1 2026-11-27T12:00:00Z h1 app - - - a line\n"
            })
    void oneFrameThatIsAmissCostsNoOther(String amiss) {
        String stream = counted(0, 100) + amiss + counted(100, GOOD);
        Stream read = new Stream(null).read(stream.getBytes(UTF_8));
        assertThat(read.rejected).isEmpty();
        assertThat(others(read.frames))
                .isEqualTo(amiss.replaceFirst("^\\d+ ", "").stripTrailing());
    }

    @ParameterizedTest
    @ValueSource(strings = {"21 a message without PRI", "26 {\"message\":\"counted JSON\"}"})
    void aFrameWithoutPriCostsNoOtherWhereverAReadEnds(String amiss) {
        byte[] stream = (counted(0, 100) + amiss + counted(100, GOOD)).getBytes(UTF_8);
        for (int end = counted(0, 98).length(); end < counted(0, 101).length() + amiss.length(); end++) {
            assertThat(others(new Stream(null).read(stream, end).frames))
                    .as("a read ends at %d", end)
                    .isEqualTo(amiss.substring(3));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"0 ", "\n", "\r\n", "\0", "000 "})
    void anEmptyFrameIsNone(String empty) {
        Stream read = new Stream(null).read((counted(0, 100) + empty + counted(100, GOOD)).getBytes(UTF_8));
        assertThat(others(read.frames)).isEmpty();
        assertThat(read.rejected).isEmpty();
    }

    @Test
    void aConnectionMayCountWhatHasNoPriFromItsFirstFrameOn() {
        List<String> objects = IntStream.range(0, GOOD)
                .mapToObj(i -> "{\"message\":" + i + "}")
                .toList();
        for (String end : List.of("", "\n", "\r\n")) {
            String stream =
                    objects.stream().map(o -> o.length() + " " + o + end).collect(Collectors.joining());
            assertThat(new Stream(null).read(stream.getBytes(UTF_8)).frames.equals(objects))
                    .isTrue();
        }
    }

    /** Only where a read ends just where a wrong count says, the rest of its message is an event of its own. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"message\":\"xxx\",\"host\":\"A\"}{\"message\":\"yyy\",\"host\":\"A\"}{\"message\":\"zzz\",\"host\":\"A\"}\n",
                "240 <14>1 2026-11-27T12:00:00Z h1 app - - - yyyyyyyyyyyyyyyyyyyy\n",
                "59 <14>1 2026-11-27T12:00:00Z h1 app - - - Größe überschritten",
                "00041 <14>1 2026-11-27T12:00:00Z h1 app - - - x",
                "41 <14>1 2026-11-27T12:00:00Z h1 app - - - x-- MARK --\n",
                "26 {\"message\":\"counted JSON\"}",
                "<14>1 2026-11-27T12:00:00Z h1 app - - - a line\n200 OK\n5 hello\n"
            })
    void whereReadsEndDoesNotMatter(String amiss) {
        String good = amiss.startsWith("{") ? "{\"message\":\"good\"}" : counted(0, 1);
        byte[] bytes = (amiss + good).getBytes(UTF_8);
        List<String> whole = new Stream(null).read(bytes).frames;
        assertThat(whole).endsWith(good.replaceFirst("^\\d+ ", ""));
        int others = 0;
        for (int cut = 0; cut <= bytes.length; cut++) {
            Stream read = new Stream(null).read(bytes, cut);
            assertThat(read.rejected).isEmpty();
            assertThat(String.join("", read.frames)).isEqualTo(String.join("", whole));
            assertThat(read.frames).endsWith(whole.getLast());
            others += read.frames.equals(whole) ? 0 : 1;
        }
        assertThat(others).isLessThanOrEqualTo(1);
    }

    @Test
    void oneTooManyInACountCostsNoMoreThanACharacter() {
        String stream = counted(0, 100) + "44 " + EVENT + "one" + counted(100, GOOD);
        Stream read = new Stream(null).read(stream.getBytes(UTF_8));
        assertThat(others(read.frames)).isEqualTo(EVENT + "one");
    }

    @ParameterizedTest
    @ValueSource(ints = {-2, -1, 1, 2, 3})
    void whoAlwaysCountsWrongKeepsItsEvents(int slip) {
        StringBuilder stream = new StringBuilder();
        SplittableRandom random = new SplittableRandom(slip);
        for (String event : events(0, GOOD)) {
            String longer = event + "x".repeat(random.nextInt(200)) + ".";
            stream.append(longer.length() + slip).append(' ').append(longer);
        }
        Stream read = new Stream(null).read(stream.toString().getBytes(UTF_8));
        assertThat(read.rejected.size()).isLessThanOrEqualTo(10);
        assertThat(read.frames.size()).isBetween(GOOD, GOOD * 3 / 2);
    }

    @Test
    void charactersInPlaceOfBytesAreCountedRight() {
        List<String> events = IntStream.range(0, GOOD)
                .mapToObj(i -> EVENT + "Größe 한국어 \uD83D\uDE00 " + "ü".repeat(i % 7) + i + ".")
                .toList();
        for (boolean units : List.of(true, false)) {
            String stream = events.stream()
                    .map(e -> (units ? e.length() : e.codePointCount(0, e.length())) + " " + e)
                    .collect(Collectors.joining());
            List<String> frames = new Stream(null).read(stream.getBytes(UTF_8)).frames;
            assertThat(frames.subList(0, 10)).isEqualTo(events.subList(0, 10));
            assertThat(frames.equals(events)).isTrue();
        }
    }

    @Test
    void contentOfFramesThatAreCountedRightMakesNoEvent() {
        String evil = EVENT + "a\n9 <3>evil!\n<4>evil\n 200 <3>evil";
        String stream = (evil.length() + " " + evil).repeat(100) + counted(0, 100);
        Stream read = new Stream(null).read(stream.getBytes(UTF_8));
        assertThat(read.frames.subList(0, 100)).containsOnly(evil);
        assertThat(read.frames.size()).isEqualTo(200);
    }

    @Test
    void textWithoutAFrameForVeryLongEndsTheConnection() {
        byte[] stream = (counted(0, 1) + "x".repeat(70 * FRAME_BYTES_MAX)).getBytes(UTF_8);
        Stream read = new Stream(null).read(stream);
        assertThat(read.assembler.state()).isEqualTo(FramingState.MALFORMED);
        int kept = read.rejected.stream().mapToInt(String::length).sum();
        int counts = counted(0, 1).length() - events(0, 1).getFirst().length();
        assertThat(counts + events(0, 1).getFirst().length() + kept + read.discarded)
                .isEqualTo(stream.length);
        assertThat(kept).isGreaterThan(64 * FRAME_BYTES_MAX);
    }

    @Test
    void whoWritesNoLineEndsIsCutAtEachPri() {
        String stream = String.join("", events(0, GOOD));
        Stream read = new Stream(null).read(stream.getBytes(UTF_8));
        assertThat(others(read.frames)).isEmpty();
        assertThat(read.rejected).isEmpty();
    }

    @Test
    void aLineWithoutAnEndIsKeptWhole() {
        String line = IntStream.range(0, 200_000).mapToObj(Integer::toString).collect(Collectors.joining(","));
        for (String start : List.of("<1>", "", "{", "{\"a\":\"")) {
            Stream read = new Stream(null).read(("\n" + start + line + "\n" + start).getBytes(UTF_8));
            assertThat(String.join("", read.rejected)).isEqualTo(start + line);
            assertThat(read.rejected).hasSizeLessThan(40);
            assertThat(read.most).as("held, of " + line.length()).isLessThan(2 * FRAME_BYTES_MAX);
        }
    }

    @Test
    void objectsNeedNothingBetweenThem() {
        for (String between : List.of("", "\n", " ", "\r\n", "\0", "\n\0")) {
            for (Protocol only : new @Nullable Protocol[] {null, Protocol.JSON, Protocol.GELF}) {
                String stream = String.join(between, objects(GOOD));
                Stream read = new Stream(only).read(stream.getBytes(UTF_8));
                assertThat(read.frames.subList(0, 10)).as(between + only).isEqualTo(objects(10));
                assertThat(read.frames.equals(objects(GOOD))).as(between + only).isTrue();
                assertThat(read.rejected).isEmpty();
            }
        }
    }

    @Test
    void anObjectThatIsBrokenCostsNoOtherLine() {
        for (String broken : List.of("{\"a\":\"b", "{\"a\":[1,{", "no object", "{\"a\":\"b\"}}", "}{")) {
            for (Protocol only : List.of(Protocol.JSON, Protocol.GELF)) {
                String stream =
                        String.join("\n", objects(100)) + "\n" + broken + "\n" + String.join("\n", objects(100));
                Stream read = new Stream(only).read(stream.getBytes(UTF_8));
                List<String> frames = read.frames;
                assertThat(frames.subList(0, 100).equals(objects(100))).isTrue();
                assertThat(frames.subList(100, frames.size() - 99))
                        .as(broken + only)
                        .endsWith(objects(1).getFirst());
                assertThat(frames.subList(frames.size() - 100, frames.size()).equals(objects(100)))
                        .isTrue();
                assertThat(String.join("", frames.subList(100, frames.size() - 100)))
                        .isEqualTo(broken);
            }
        }
    }

    /** What stands between the good events, which are all there. */
    private static String others(List<String> frames) {
        List<String> others = new ArrayList<>(frames);
        List<String> good = events(0, GOOD);
        int next = 0;
        for (String frame : frames) {
            if (next < GOOD && frame.equals(good.get(next))) {
                others.remove(next == 0 ? 0 : others.indexOf(frame));
                next++;
            }
        }
        assertThat(next)
                .as("good events in order, between them %s", others.subList(0, Math.min(9, others.size())))
                .isEqualTo(GOOD);
        return String.join("|", others);
    }

    private static List<String> objects(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> "{\"host\":\"{}\\\"}{\",\"nested\":[{\"a\":{}},{}],\"short_message\":\"" + i + "\"}")
                .toList();
    }

    private static List<String> events(int from, int to) {
        return IntStream.range(from, to).mapToObj(i -> EVENT + "event " + i).toList();
    }

    private static String counted(int from, int to) {
        return events(from, to).stream()
                .map(event -> event.length() + " " + event)
                .collect(Collectors.joining());
    }
}
