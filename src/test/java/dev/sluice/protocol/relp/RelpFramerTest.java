package dev.sluice.protocol.relp;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.event.Framer;
import dev.sluice.protocol.Frames;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RelpFramerTest {

    private static final int FRAME_BYTES_MAX = 64 * 1024;
    private static final String OPEN =
            "1 open 86 relp_version=0\nrelp_software=librelp,1.11.0,http://librelp.adiscon.com" + "\ncommands=syslog\n";
    private static final String OPENED = "> 1 rsp 58 200 OK\nrelp_version=0\nrelp_software=sluice\ncommands=syslog\n";

    @Test
    void everyMessageIsAnsweredInOrderAndTheCloseAfterThem() {
        assertThat(read(OPEN + "2 syslog 5 <13>a\n3 syslog 1 b\n4 close 0\n"))
                .containsExactly(
                        OPENED,
                        "<13>a",
                        "> 2 rsp 6 200 OK\n",
                        "b",
                        "> 3 rsp 6 200 OK\n",
                        "> 4 rsp 0\n0 serverclose 0\n",
                        "GOODBYE");
    }

    @Test
    void theVersionThatIsOfferedIsAccepted() {
        assertThat(read("1 open 14 relp_version=1\n").getFirst()).contains("relp_version=1\n");
        assertThat(read("1 open 0\n").getFirst()).contains("relp_version=0\n");
    }

    @Test
    void anEmptyMessageIsAnsweredAndNoEvent() {
        assertThat(read(OPEN + "2 syslog 0\n3 syslog 0 \n999999999 syslog 0\n1 syslog 1 a\n"))
                .containsExactly(
                        OPENED,
                        "> 2 rsp 6 200 OK\n",
                        "> 3 rsp 6 200 OK\n",
                        "> 999999999 rsp 6 200 OK\n",
                        "a",
                        "> 1 rsp 6 200 OK\n");
    }

    @Test
    void lineFeedsBelongToTheMessage() {
        assertThat(read(OPEN + "2 syslog 4 a\nb\n\n")).containsExactly(OPENED, "a\nb", "> 2 rsp 6 200 OK\n");
    }

    @Test
    void aMessageMayComeInTwentySegments() {
        byte[] stream = (OPEN + "2 syslog 2000 " + "x".repeat(2000) + "\n").getBytes(ISO_8859_1);
        int[] ends = IntStream.range(1, 21).map(i -> i * stream.length / 21).toArray();
        assertThat(Frames.read(framer(), stream, ends)).containsExactly(OPENED, "x".repeat(2000), "> 2 rsp 6 200 OK\n");
    }

    @Test
    void aMessageThatIsTooLongIsRejectedAndAnsweredAfterItsEnd() {
        String stream = OPEN + "2 syslog 70000 " + "x".repeat(70_000) + "\n3 syslog 1 b\n";
        byte[] bytes = stream.getBytes(ISO_8859_1);
        assertThat(Frames.read(framer(), bytes, 20_000, 50_000, OPEN.length() + 15 + 70_000))
                .containsExactly(
                        OPENED,
                        "oversize_frame " + "x".repeat(FRAME_BYTES_MAX),
                        "oversize_frame " + "x".repeat(70_000 - FRAME_BYTES_MAX),
                        "> 2 rsp 6 200 OK\n",
                        "b",
                        "> 3 rsp 6 200 OK\n");
    }

    @Test
    void whatIsNoFrameIsNotAnswered() {
        for (String bad : List.of(
                "x",
                "2 syslog 4294967295 x",
                "2 syslog 1 abc",
                "2 syslog x",
                "2 syslog 1\n",
                "2  syslog 1 a\n",
                "1234567890 syslog 1 a\n",
                "2 " + "s".repeat(40) + " 1 a\n",
                "2 starttls 0\n",
                OPEN)) {
            assertThat(read(OPEN + bad)).as(bad).containsExactly(OPENED, "MALFORMED");
        }
        assertThat(read("1 syslog 1 a\n")).as("before it is opened").containsExactly("MALFORMED");
        assertThat(read("1 open 999999999 x")).containsExactly("MALFORMED");
    }

    @Test
    void aMessageThatIsNotCompleteAtTheEndIsNotAnswered() {
        assertThat(read(OPEN + "2 syslog 5 abc")).containsExactly(OPENED, "discarded 2 syslog 5 abc");
    }

    @Test
    void aFarewellIsTheHintOfTheProtocol() {
        Framer.Frame frame = new Framer.Frame();
        assertThat(framer().farewell(frame)).isTrue();
        assertThat(frame.takeReply().bytes()).isEqualTo("0 serverclose 0\n".getBytes(ISO_8859_1));
    }

    private static RelpFramer framer() {
        return new RelpFramer(FRAME_BYTES_MAX);
    }

    private static List<String> read(String stream) {
        return Frames.read(framer(), stream.getBytes(ISO_8859_1));
    }
}
