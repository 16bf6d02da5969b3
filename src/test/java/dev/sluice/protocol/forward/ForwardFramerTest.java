package dev.sluice.protocol.forward;

import static dev.sluice.protocol.MsgPackBytes.array;
import static dev.sluice.protocol.MsgPackBytes.join;
import static dev.sluice.protocol.MsgPackBytes.raw;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.event.Framer.Found;
import dev.sluice.event.Framer.Frame;
import dev.sluice.protocol.Frames;
import dev.sluice.protocol.MsgPackBytes;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where Forward messages end, and what is answered. */
class ForwardFramerTest {

    private static final ForwardLimits LIMITS = new ForwardLimits(64 * 1024, 1 << 20, 16 * 1024);
    private static final String CHUNK = "p8n9gmxTQVC8/nh2wlKKeQ==\n";

    private final ForwardFramer framer = new ForwardFramer(LIMITS, null);
    private final Frame frame = new Frame();

    @Test
    void everyCarrierIsFramedWhereverTheReadsEnd() {
        byte[] stream = join(
                array("t", 1, Map.of("k", "v")),
                array("t", List.of(List.of(1, Map.of("k", List.of(1, 2, Map.of())))), Map.of("size", 1)),
                array("t", new byte[300], Map.of()),
                raw("c0").bytes(),
                array("t", "packed", Map.of("chunk", CHUNK)),
                raw("dc0003 a174 01 80").bytes());
        List<String> whole = Frames.read(new ForwardFramer(LIMITS, null), stream);
        assertThat(whole).as("five messages and a reply").hasSize(6);
        for (int step = 1; step < 40; step++) {
            int[] ends = ends(stream.length, step);
            assertThat(Frames.read(new ForwardFramer(LIMITS, null), stream, ends))
                    .isEqualTo(whole);
        }
    }

    @Test
    void theChunkIsEchoedByteForByteAndTheMessageStandsAlone() {
        byte[] message = array("t", "", Map.of("size", 1, "chunk", CHUNK));
        assertThat(framer.next(message, 0, message.length, frame)).isEqualTo(Found.FRAME);
        assertThat(frame.isAlone()).isTrue();
        byte[] reply = frame.takeReply().bytes();
        assertThat(reply).isEqualTo(join(raw("81a361636b").bytes(), MsgPackBytes.of(CHUNK)));
    }

    @Test
    void aBinaryChunkIsEchoedAsBinary() {
        byte[] message = array("t", "", Map.of("chunk", raw("c403 01ff00")));
        framer.next(message, 0, message.length, frame);
        assertThat(frame.takeReply().bytes())
                .isEqualTo(raw("81a361636b c403 01ff00").bytes());
    }

    /** It would be kept until the chunk is committed, and until its shipper has read it. */
    @Test
    void anIdLongerThanAnyShippersIsNoMessage() {
        String longest = "c".repeat(ForwardMessage.CHUNK_BYTES_MAX - 5);
        byte[] fits = array("t", "", Map.of("chunk", longest));
        assertThat(framer.next(fits, 0, fits.length, frame)).isEqualTo(Found.FRAME);
        for (Object chunk : List.of(longest + "c", new byte[longest.length() + 1], List.of(longest))) {
            byte[] message = array("t", "", Map.of("chunk", chunk));
            assertThat(new ForwardFramer(LIMITS, null).next(message, 0, message.length, new Frame()))
                    .isEqualTo(Found.MALFORMED);
        }
        for (String json : List.of("[\"t\",[],{\"chunk\":\"%s\"}]", "[\"t\",1,{},{\"chunk\":\"%s\"}]")) {
            assertThat(Frames.read(
                            new ForwardFramer(LIMITS, null),
                            json.formatted(longest + longest).getBytes(UTF_8)))
                    .containsExactly("MALFORMED");
            assertThat(Frames.read(
                            new ForwardFramer(LIMITS, null),
                            json.formatted(longest).getBytes(UTF_8)))
                    .hasSize(2);
        }
    }

    @Test
    void nothingIsAnsweredWithoutAChunk() {
        for (byte[] message : List.of(
                array("t", "", Map.of("size", 1)), array("t", ""), array("t", "", Map.of("chunk", raw("c0"))))) {
            assertThat(framer.next(message, 0, message.length, frame)).isEqualTo(Found.FRAME);
            assertThat(frame.takeReply().isEmpty()).isTrue();
            assertThat(frame.isAlone()).isFalse();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "93a174 dbffffffff",
                "93a174 c6ffffffff",
                "93a174 ddffffffff",
                "93a174 dfffffffff",
                "93a174 c9ffffffff00",
                "93 dbffffffff",
                "93a174 db00010000",
                "ddffffffff",
                "93a174 c1",
                "91a174",
                "95a174",
                "a174",
                "83",
                "c1"
            })
    void whatIsNoMessageOrTooLongEndsTheConversationAtOnce(String hex) {
        byte[] bytes = raw(hex).bytes();
        assertThat(framer.next(bytes, 0, bytes.length, frame)).isEqualTo(Found.MALFORMED);
    }

    @Test
    void aHundredThousandLevelsAreTooManyValuesNotTooDeep() {
        byte[] bytes = new byte[100_000];
        Arrays.fill(bytes, (byte) 0x91);
        bytes[0] = (byte) 0x93;
        bytes[1] = (byte) 0xA0;
        assertThat(framer.next(bytes, 0, bytes.length, frame)).isEqualTo(Found.MALFORMED);
        byte[] fits = Arrays.copyOf(bytes, 60_000);
        assertThat(new ForwardFramer(LIMITS, null).next(fits, 0, fits.length, frame))
                .isEqualTo(Found.INCOMPLETE);
    }

    @Test
    void whatIsLeftAtTheEndIsADeadLetter() {
        byte[] bytes = raw("93a174 c40a 010203").bytes();
        assertThat(Frames.read(framer, bytes)).containsExactly("truncated_frame " + new String(bytes, ISO_8859_1));
    }

    @Test
    void whatIsLeftOfAShipperThatSendsItAgainIsNone() {
        byte[] cut = raw("93a174 c40a 010203").bytes();
        byte[] answered = array("t", "", Map.of("chunk", CHUNK));
        assertThat(Frames.read(framer, join(answered, cut)).getLast())
                .isEqualTo("discarded " + new String(cut, ISO_8859_1));
        byte[] json = "[\"t\",1,{},{\"chunk\":\"c\"}][\"t".getBytes(UTF_8);
        assertThat(Frames.read(new ForwardFramer(LIMITS, null), json).getLast()).isEqualTo("discarded [\"t");
    }

    @Test
    void aBraceBeginsLinesOfJson() {
        byte[] bytes = "{\"a\":1}\n{\"b\":2}\n".getBytes(UTF_8);
        assertThat(Frames.read(framer, bytes, 3, 9)).containsExactly("{\"a\":1}", "{\"b\":2}");
    }

    @Test
    void aBracketBeginsMessagesAsJsonWhereverTheReadsEnd() {
        byte[] stream = ("[\"t\",1,{\"a\":\"]}\\\\\"}]\n [\"\\\"[\", [[1, {\"a\":[{}]}]], {\"size\":1}]"
                        + "[\"t\",1,{},{\"x\":[],\"chunk\":\"c=\\n\"}][no message]")
                .getBytes(UTF_8);
        List<String> whole = Frames.read(new ForwardFramer(LIMITS, null), stream);
        assertThat(whole)
                .containsExactly(
                        "[\"t\",1,{\"a\":\"]}\\\\\"}]",
                        "[\"\\\"[\", [[1, {\"a\":[{}]}]], {\"size\":1}]",
                        "[\"t\",1,{},{\"x\":[],\"chunk\":\"c=\\n\"}]",
                        "> {\"ack\":\"c=\\n\"}",
                        "[no message]");
        for (int step = 1; step < 40; step++) {
            assertThat(Frames.read(new ForwardFramer(LIMITS, null), stream, ends(stream.length, step)))
                    .isEqualTo(whole);
        }
    }

    @Test
    void whatIsNoJsonMessageAfterABracketEndsTheConversation() {
        assertThat(Frames.read(new ForwardFramer(LIMITS, null), "[1]{}".getBytes(UTF_8)))
                .containsExactly("[1]", "MALFORMED");
        byte[] endless = new byte[LIMITS.chunkBytesMax() + 1];
        Arrays.fill(endless, (byte) '[');
        assertThat(Frames.read(new ForwardFramer(LIMITS, null), endless)).containsExactly("MALFORMED");
        assertThat(Frames.read(new ForwardFramer(LIMITS, null), "[\"t\", \"".getBytes(UTF_8)))
                .containsExactly("truncated_frame [\"t\", \"");
    }

    @Test
    void aCompressedMessageAnnouncesWhatItMayBecome() {
        byte[] plain = array("t", new byte[100], Map.of());
        framer.next(plain, 0, plain.length, frame);
        assertThat(frame.decodedBytesMax()).isBetween(1600L, 5000L);
        byte[] packed = array("t", new byte[100], Map.of("compressed", "gzip"));
        framer.next(packed, 0, packed.length, frame);
        assertThat(frame.decodedBytesMax()).isGreaterThan(LIMITS.inflatedBytesMax());
    }

    private static int[] ends(int length, int step) {
        int[] ends = new int[length / step];
        for (int i = 0; i < ends.length; i++) {
            ends[i] = (i + 1) * step;
        }
        return ends;
    }
}
