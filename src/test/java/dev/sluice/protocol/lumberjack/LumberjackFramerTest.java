package dev.sluice.protocol.lumberjack;

import static dev.sluice.protocol.lumberjack.LumberjackWire.compressed;
import static dev.sluice.protocol.lumberjack.LumberjackWire.join;
import static dev.sluice.protocol.lumberjack.LumberjackWire.json;
import static dev.sluice.protocol.lumberjack.LumberjackWire.pairs;
import static dev.sluice.protocol.lumberjack.LumberjackWire.window;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.event.Framer;
import dev.sluice.protocol.Frames;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LumberjackFramerTest {

    private static final int FRAME_BYTES_MAX = 64 * 1024;
    private static final String LONG = IntStream.range(0, 20_000)
            .mapToObj(Integer::toString)
            .collect(Collectors.joining())
            .substring(0, FRAME_BYTES_MAX + 1);

    @Test
    void theLastNumberOfAWindowIsAcknowledgedWithItsLastEvent() {
        assertThat(read(window(2), json(1, "{}"), json(2, "[]"))).containsExactly("{}", "[]", ack('2', 2));
    }

    @Test
    void twoWindowsInOneSegmentAreAcknowledgedOneByOne() {
        assertThat(read(window(1), json(1, "a"), window(2), json(1, "b"), json(2, "c")))
                .containsExactly("a", ack('2', 1), "b", "c", ack('2', 2));
    }

    @Test
    void numbersMayBeginAnywhereAndPassTheSignBit() {
        assertThat(read(window(1), json(4711, "a"), window(1), json(-1, "b")))
                .containsExactly("a", ack('2', 4711), "b", ack('2', -1));
    }

    @Test
    void anEmptyWindowIsAcknowledgedWithZero() {
        assertThat(read(window(0), window(1), json(1, "a"))).containsExactly(ack('2', 0), "a", ack('2', 1));
    }

    @Test
    void anIncompleteWindowIsNotAcknowledged() {
        assertThat(read(window(3), json(1, "a"), json(2, "b"))).containsExactly("a", "b");
    }

    @Test
    void aFrameMayComeInTwentySegments() {
        byte[] stream = join(window(1), json(1, "x".repeat(2000)));
        int[] ends = IntStream.range(1, 21).map(i -> i * stream.length / 21).toArray();
        assertThat(Frames.read(framer(), stream, ends)).containsExactly("x".repeat(2000), ack('2', 1));
    }

    @Test
    void pairsOfVersion1AreFramedAndAcknowledgedAsVersion1() {
        byte[] window = window(1);
        window[0] = '1';
        List<String> found = read(window, pairs(9, "line", "hello"));
        assertThat(found).hasSize(2);
        assertThat(found.get(0)).startsWith("\0\0\0\1").endsWith("hello");
        assertThat(found.get(1)).isEqualTo(ack('1', 9));
    }

    @Test
    void aWindowOfVersion1HoldsUntilAnotherIsAnnounced() {
        byte[] window = window(2);
        window[0] = '1';
        byte[] smaller = window(1);
        smaller[0] = '1';
        assertThat(read(window, pairs(1), pairs(2), pairs(3), pairs(4), smaller, pairs(5), pairs(6)))
                .filteredOn(found -> !found.startsWith("\0"))
                .containsExactly(ack('1', 2), ack('1', 4), ack('1', 5), ack('1', 6));
        assertThat(read(window, pairs(1), smaller)).as("a window inside").endsWith("MALFORMED");
        assertThat(read(window(1), json(1, "a"), json(2, "b"))).as("version 2").endsWith("MALFORMED");
        byte[] none = window(0);
        none[0] = '1';
        assertThat(read(none, pairs(1))).containsExactly(ack('1', 0), "MALFORMED");
    }

    @Test
    void compressedFramesOfVersion1AreUnpackedToo() {
        byte[] window = window(1);
        window[0] = '1';
        byte[] frames = compressed(pairs(3));
        frames[0] = '1';
        assertThat(read(window, frames)).hasSize(2).endsWith(ack('1', 3));
    }

    @Test
    void compressedFramesGoOnWithTheWindow() {
        byte[] half = compressed(json(1, "a"), json(2, "b"));
        assertThat(read(window(3), half, json(3, "c"))).containsExactly("a", "b", "c", ack('2', 3));
        assertThat(read(compressed(window(1), json(1, "a"), window(1), json(1, "b")), window(0)))
                .containsExactly("a", ack('2', 1), "b", ack('2', 1), ack('2', 0));
    }

    @Test
    void manyEventsInOneCompressedFrameAreUnpackedInSteps() {
        byte[][] events = new byte[5001][];
        List<String> expected = new ArrayList<>();
        events[0] = window(5000);
        for (int i = 1; i <= 5000; i++) {
            String text = i + "x".repeat(i % 300);
            events[i] = json(i, text);
            expected.add(text);
        }
        expected.add(ack('2', 5000));
        assertThat(read(compressed(events))).isEqualTo(expected);
        byte[] stream = compressed(events);
        assertThat(Frames.read(
                        framer(), stream, IntStream.range(1, stream.length).toArray()))
                .isEqualTo(expected);
    }

    @Test
    void anEventThatIsTooLongIsRejectedAndItsWindowAcknowledgedAfterIt() {
        byte[] stream = join(window(2), json(1, LONG), json(2, "b"));
        String first = "oversize_frame " + LONG.substring(0, FRAME_BYTES_MAX);
        String second = "oversize_frame " + LONG.substring(FRAME_BYTES_MAX);
        assertThat(read(stream)).containsExactly(first, second, "b", ack('2', 2));
        byte[] last = join(window(1), json(7, LONG));
        assertThat(Frames.read(framer(), last, last.length - 1)).containsExactly(first, second, ack('2', 7));
        assertThat(read(compressed(last))).containsExactly(first, second, ack('2', 7));
    }

    @Test
    void whatIsNoFrameEndsTheConversation() {
        assertThat(read(window(2), json(1, "a"), bytes("xyz"))).containsExactly("a", "MALFORMED");
        assertThat(read(window(2), json(1, "a"), window(1)))
                .as("a window inside")
                .containsExactly("a", "MALFORMED");
        assertThat(read(json(1, "a"))).as("no window").containsExactly("MALFORMED");
        assertThat(read(bytes("2A\0\0\0\1"))).containsExactly("MALFORMED");
        assertThat(read(bytes("3W\0\0\0\1"))).containsExactly("MALFORMED");
        assertThat(read(window(1), bytes("2J\0\0\0\1\377\377\377\377"))).containsExactly("MALFORMED");
        assertThat(read(window(1), bytes("1D\0\0\0\1\377\377\377\377"))).containsExactly("MALFORMED");
        assertThat(read(window(1), bytes("1D\0\0\0\1\0\0\0\1\377\377\377\377"))).containsExactly("MALFORMED");
        assertThat(read(bytes("2C\377\377\377\377"))).containsExactly("MALFORMED");
        assertThat(read(bytes("2C\0\0\0\0"))).containsExactly("MALFORMED");
    }

    @Test
    void theLongestWindowNeedsNoMemory() {
        assertThat(read(window(-1), json(1, "a"))).containsExactly("a");
    }

    @Test
    void compressedFramesAreNotNestedAndEndWithAFrame() {
        assertThat(read(compressed(window(1), compressed(json(1, "a"))))).containsExactly("MALFORMED");
        byte[] event = json(1, "abc");
        byte[] torn = compressed(window(1), Arrays.copyOf(event, event.length - 1));
        assertThat(read(torn)).containsExactly("MALFORMED");
        byte[] noZlib = compressed(window(1), event);
        noZlib[7] ^= 1;
        assertThat(read(noZlib)).containsExactly("MALFORMED");
        byte[] longer = compressed(window(1), event);
        longer[5]++;
        assertThat(read(longer, bytes("x"))).endsWith("MALFORMED");
    }

    @Test
    void aBombIsRefusedBeforeItIsUnpacked() {
        LumberjackFramer framer = new LumberjackFramer(16 << 20);
        byte[] bomb = compressed(window(1), json(1, "\0".repeat(10 << 20)));
        assertThat(bomb.length).isLessThan(12_000);
        assertThat(Frames.read(framer, bomb)).containsExactly("MALFORMED");
        assertThat(framer.heldBytes()).isLessThan(2 << 20);
    }

    @Test
    void aFarewellAcknowledgesThePartThatWasTaken() {
        LumberjackFramer framer = framer();
        Frames.read(framer, join(window(3), json(5, "a"), json(6, "b")));
        Framer.Frame frame = new Framer.Frame();
        assertThat(framer.farewell(frame)).isTrue();
        assertThat(frame.takeReply().bytes()).isEqualTo(bytes(ack('2', 6).substring(2)));
        Frames.read(framer, json(7, "c"));
        framer.farewell(frame);
        assertThat(frame.takeReply().isEmpty()).as("the window is complete").isTrue();
    }

    @Test
    void patienceIsAskedForInVersion2Alone() {
        LumberjackFramer framer = framer();
        Framer.Frame frame = new Framer.Frame();
        framer.keepAlive(frame);
        assertThat(frame.takeReply().isEmpty()).isTrue();
        Frames.read(framer, window(1));
        framer.keepAlive(frame);
        assertThat(frame.takeReply().bytes()).isEqualTo(bytes("2A\0\0\0\0"));
    }

    private static List<String> read(byte[]... frames) {
        return Frames.read(framer(), join(frames));
    }

    private static LumberjackFramer framer() {
        return new LumberjackFramer(FRAME_BYTES_MAX);
    }

    private static String ack(char version, int sequence) {
        StringBuilder ack = new StringBuilder("> ").append(version).append('A');
        for (int shift = 24; shift >= 0; shift -= 8) {
            ack.append((char) (sequence >>> shift & 0xFF));
        }
        return ack.toString();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(ISO_8859_1);
    }
}
