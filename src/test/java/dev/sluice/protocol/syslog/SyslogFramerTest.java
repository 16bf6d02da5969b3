package dev.sluice.protocol.syslog;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.event.Framer;
import dev.sluice.event.Framer.Found;
import dev.sluice.event.Protocol;
import dev.sluice.protocol.Frames;
import dev.sluice.protocol.Protocols;
import dev.sluice.protocol.json.ObjectFramer;
import dev.sluice.protocol.line.Pieces;
import java.time.ZoneOffset;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class SyslogFramerTest {

    private static final int FRAME_BYTES_MAX = 60;

    @Test
    void linesEndInLf() {
        assertThat(read("<1>a\n<2>b\n")).containsExactly("<1>a", "<2>b");
    }

    @Test
    void trailersAreNoPartOfALine() {
        assertThat(read("<1>a\r\n<2>b\0\n<3>c\0\r\n<4>d\r\r\n")).containsExactly("<1>a", "<2>b", "<3>c", "<4>d");
    }

    @Test
    void emptyLinesAreKeepAlives() {
        assertThat(read("\n\r\n \t\n\0<1>a\n\n\n")).containsExactly("<1>a");
    }

    @Test
    void lastLineNeedsNoLf() {
        assertThat(read("<1>a\n<2>b")).containsExactly("<1>a", "<2>b");
        assertThat(read("<1>a\r")).containsExactly("<1>a");
    }

    @Test
    void nulEndsALineOfASenderThatSendsNoLf() {
        assertThat(read("<1>a\0<2>b\0<3>c\0")).containsExactly("<1>a", "<2>b", "<3>c");
    }

    @Test
    void nulAtTheEndOfAReadEndsALineSoThatAQuietSenderIsNotHeldBack() {
        byte[] stream = bytes("<1>a\0");
        Framer.Frame frame = new Framer.Frame();
        assertThat(framer().next(stream, 0, stream.length, frame)).isEqualTo(Found.FRAME);
        assertThat(frame.to()).isEqualTo(4);
    }

    @Test
    void nulInsideAMessageIsLeftToTheRepair() {
        assertThat(read("<1>a\0b\0\0c\n<2>d\n")).containsExactly("<1>a\0b\0\0c", "<2>d");
    }

    @Test
    void countedFramesMayHoldLineEnds() {
        assertThat(read("8 <1>a\nb\nc5 <2>\n\n9 <3>d\ne\r\n\n")).containsExactly("<1>a\nb\nc", "<2>", "<3>d\ne");
    }

    @Test
    void lineEndAfterACountedFrameIsSkipped() {
        assertThat(read("4 <1>a\n4 <2>b\r\n4 <3>c\0004 <4>d")).containsExactly("<1>a", "<2>b", "<3>c", "<4>d");
    }

    @Test
    void framingIsToldFrameByFrame() {
        assertThat(read("<1>a\n4 <2>b<3>c\n4 <4>d4 <5>e\n<6>f"))
                .containsExactly("<1>a", "<2>b", "<3>c", "<4>d", "<5>e", "<6>f");
    }

    @Test
    void lineThatStartsWithADigitStaysALine() {
        List<String> lines = List.of(
                "2003-10-11T22:14:15.003Z h a: x",
                "12 apples",
                "12 <b>bold</b>",
                "12 <>x",
                "12 <1234>x",
                "12<1>x",
                "012 <1>x",
                "0 <1>x",
                "1234567890 <1>x",
                "999999999 <1>x",
                "200 OK",
                "5 hello",
                "12",
                "12 ",
                "12 <",
                "12 <1",
                "12 <1x",
                "2 <1>x",
                "3 <34>x");
        assertThat(read(String.join("\n", lines))).isEqualTo(lines);
    }

    @Test
    void longLineIsRejectedInPieces() {
        String line = "<1>" + "x".repeat(FRAME_BYTES_MAX);
        assertThat(read("<1>a\n" + line + "yy\n<2>b\n"))
                .containsExactly(
                        "<1>a", "oversize_frame " + line.substring(0, FRAME_BYTES_MAX), "oversize_frame xxxyy", "<2>b");
    }

    @Test
    void longLineOfASenderThatEndsItWithNulDoesNotSwallowTheNext() {
        String line = "<1>" + "x".repeat(FRAME_BYTES_MAX);
        assertThat(read(line + "\0<2>b\0"))
                .containsExactly("oversize_frame " + line.substring(0, FRAME_BYTES_MAX), "oversize_frame xxx", "<2>b");
    }

    @Test
    void lineOfExactlyTheBoundIsAFrame() {
        String line = "<1>" + "x".repeat(FRAME_BYTES_MAX - 3);
        assertThat(read(line + "\n" + FRAME_BYTES_MAX + " " + line)).containsExactly(line, line);
    }

    @Test
    void longCountedFrameIsRejectedToItsDeclaredEndWhateverIsInside() {
        String frame = "<1>" + "\n9 <3>evil\n<4>evil\n".repeat(10);
        List<String> found = read(frame.length() + " " + frame + "4 <2>b");
        assertThat(found).hasSize(frame.length() / FRAME_BYTES_MAX + 2).endsWith("<2>b");
        String pieces = String.join("", found.subList(0, found.size() - 1)).replace("oversize_frame ", "");
        assertThat(pieces).isEqualTo(frame);
    }

    /**
     * The second count should be 9. With 22 it ends where a frame begins, as that of a frame with one in its text
     * would.
     */
    @Test
    void countThatEndsWithinTheHeadOfAnotherFrameIsWrong() {
        for (int count : new int[] {10, 11, 12, 23, 24, 25}) {
            byte[] stream = bytes("4 <1>z" + count + " <1>aaaaaa10 <2>bbbbbbb12 <3>ccccccccc4 <4>d");
            int end = 9 + count;
            for (int cut = 0; cut <= stream.length; cut++) {
                assertThat(Frames.read(framer(), stream, cut == end ? 0 : cut))
                        .as("%d, read up to %d", count, cut)
                        .containsExactly("<1>z", "<1>aaaaaa", "<2>bbbbbbb", "<3>ccccccccc", "<4>d");
            }
        }
        assertThat(read("4 <1>z22 <1>aaaaaa10 <2>bbbbbbb12 <3>ccccccccc4 <4>d"))
                .containsExactly("<1>z", "<1>aaaaaa10 <2>bbbbbbb", "<3>ccccccccc", "<4>d");
    }

    /** It may be that of the characters, which would end between the digits of 14. */
    @Test
    void countOfCharactersEndsBeforeACountNotWithinIt() {
        String first = "<1>\u00c3\u00a4\u00c3\u00a4aaaa";
        String second = "10 <2>bbbbbbb";
        int count = first.length() + second.length() + 1 - 2;
        assertThat(read("4 <1>z" + count + " " + first + second + "14 <3>ccccccccccc4 <4>d"))
                .containsExactly("<1>z", first, "<2>bbbbbbb", "<3>ccccccccccc", "<4>d");
    }

    @Test
    void largestCountIsNoNumberThatOverflowsAndNotBelieved() {
        assertThat(read("999999999 <1>x\n<2>b\n")).containsExactly("999999999 <1>x", "<2>b");
    }

    @Test
    void countedFrameThatNeverComesWholeIsRejected() {
        assertThat(read("<1>a\n99 <2>b\n")).containsExactly("<1>a", "oversize_frame <2>b\n");
        assertThat(read("<1>a\n50 <2>b\n")).containsExactly("<1>a", "truncated_frame <2>b\n");
        assertThat(read("50 <2>")).containsExactly("truncated_frame <2>");
        assertThat(read("50 <2")).containsExactly("50 <2");
    }

    @Test
    void oversizeFrameIsRejectedAsSoonAsItsFirstBytesAreThere() {
        Framer framer = new SyslogFramer(100_000);
        int piece = Pieces.bytesMax(100_000);
        byte[] stream = bytes("200000 <1>" + "x".repeat(piece));
        Framer.Frame frame = new Framer.Frame();
        assertThat(framer.next(stream, 0, 11, frame)).isEqualTo(Found.SKIPPED);
        assertThat(framer.next(stream, 7, 7 + piece - 1, frame)).isEqualTo(Found.INCOMPLETE);
        assertThat(framer.next(stream, 7, 7 + piece, frame)).isEqualTo(Found.REJECTED);
        assertThat(frame.to() - frame.from()).isEqualTo(piece);
    }

    @Test
    void everyWayToCutAStreamInThreeGivesTheSameFrames() {
        String big = "<9>" + "y".repeat(2 * FRAME_BYTES_MAX);
        String stream = "\n<34>1 - h\r\n13 <34>1 - - - -\n12 apples\n<1>nul\0<2>nul\0\n" + big + "\n" + big.length()
                + " " + big + "5 <3>ab\r\n2003-10-11 x\n\n7 <1>\n\n\nx<4>end";
        byte[] bytes = bytes(stream);
        List<String> whole = read(stream);
        assertThat(whole).hasSize(15);
        for (int i = 0; i <= bytes.length; i++) {
            for (int j = i; j <= bytes.length; j++) {
                assertThat(Frames.read(framer(), bytes, i, j))
                        .as("%d, %d", i, j)
                        .isEqualTo(whole);
            }
        }
        int[] each = IntStream.rangeClosed(1, bytes.length).toArray();
        assertThat(Frames.read(framer(), bytes, each)).isEqualTo(whole);
    }

    /** Searching from the start each time would look at 32 GB here, for about ten seconds or more. */
    @Test
    @Timeout(5)
    void dribblingOneByteAtATimeCostsNoMoreThanTheBytes() {
        for (Framer framer : List.of(new SyslogFramer(256 * 1024), ObjectFramer.lines(256 * 1024))) {
            byte[] stream = bytes("<1>" + "x".repeat(256 * 1024 - 4) + "\n");
            int[] each = IntStream.rangeClosed(1, stream.length).toArray();
            assertThat(Frames.read(framer, stream, each)).hasSize(1);
        }
    }

    /** Each count reaches past a hundred thousand bytes to no frame, and the one inside of it to nearly one. */
    @Test
    void countsThatAreAlwaysWrongEndTheConnectionBeforeTheyCostMuch() {
        int counts = 7_000;
        String stream = "4 <1>a" + "yyy100003 <1>".repeat(counts) + "yyyy" + "x<1>yyyyyyyyy".repeat(9_000);
        List<String> found = Frames.read(new SyslogFramer(256 * 1024), bytes(stream));
        assertThat(found).hasSizeLessThan(counts / 10).endsWith("MALFORMED");
    }

    @Test
    void jsonIsFramedByLinesAlone() {
        Framer framer = new Protocols(ZoneOffset.UTC, 64).framer(Protocol.JSON, FRAME_BYTES_MAX);
        byte[] stream = bytes("{\"a\":1}\r\n\n  \n{\"b\":\0<2}\n13 <34>1 - - - -\n{\"c\":3}");
        assertThat(Frames.read(framer, stream))
                .containsExactly("{\"a\":1}", "{\"b\":\0<2}", "13 <34>1 - - - -", "{\"c\":3}");
    }

    private static Framer framer() {
        return new SyslogFramer(FRAME_BYTES_MAX);
    }

    private static List<String> read(String stream) {
        return Frames.read(framer(), bytes(stream));
    }

    private static byte[] bytes(String stream) {
        return stream.getBytes(ISO_8859_1);
    }
}
