package dev.sluice.protocol;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.sluice.event.Framer;
import dev.sluice.protocol.forward.ForwardFramer;
import dev.sluice.protocol.forward.ForwardHandshake;
import dev.sluice.protocol.forward.ForwardLimits;
import dev.sluice.protocol.forward.ForwardSecurity;
import dev.sluice.protocol.json.ObjectFramer;
import dev.sluice.protocol.lumberjack.LumberjackFramer;
import dev.sluice.protocol.lumberjack.LumberjackWire;
import dev.sluice.protocol.relp.RelpFramer;
import dev.sluice.protocol.syslog.SyslogFramer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Any bytes are framed to the end, and how they were cut into reads does not matter. To search for more than the seeds:
 *
 * <pre>JAZZER_FUZZ=1 mvn test -Dtest=FramingFuzzTest#syslog -Djazzer.max_duration=1h</pre>
 */
class FramingFuzzTest {

    private static final int FRAME_BYTES_MAX = 40;

    /** A peer that does not know the key is answered without anything that is random. */
    private static final ForwardSecurity SECURITY = new ForwardSecurity("key", Map.of());

    private static final Pattern BLANKS = Pattern.compile("[ \t\r\n\0]*");
    private static final Pattern COUNTS_AND_BLANKS = Pattern.compile("[0-9]{1,9} [\r\n\0]*|[ \t\r\n\0]*");

    private static final ForwardLimits FORWARD_LIMITS = new ForwardLimits(400, 4000, FRAME_BYTES_MAX);

    @MethodSource("streams")
    @FuzzTest(maxDuration = "30s")
    void syslog(byte[] stream) {
        // Where a read ends matters to a NUL inside a message, and to a count that is wrong, by design: see LineFramer
        // and CountedFramer. No byte is lost for it.
        byte[] withoutNul = stream.clone();
        for (int i = 0; i < stream.length; i++) {
            withoutNul[i] = stream[i] == 0 ? (byte) '<' : stream[i];
        }
        for (byte[] any : List.of(stream, withoutNul)) {
            int[] everyByte = IntStream.rangeClosed(1, stream.length).toArray();
            checkFrames(new SyslogFramer(FRAME_BYTES_MAX), any, COUNTS_AND_BLANKS);
            checkFrames(new SyslogFramer(FRAME_BYTES_MAX), any, COUNTS_AND_BLANKS, everyByte);
        }
        for (byte[] any : List.of(stream, withoutNul)) {
            int[] everyByte = IntStream.rangeClosed(1, any.length).toArray();
            checkFrames(new SyslogFramer(FRAME_BYTES_MAX, 4), any, COUNTS_AND_BLANKS);
            checkFrames(new SyslogFramer(FRAME_BYTES_MAX, 4), any, COUNTS_AND_BLANKS, everyByte);
        }
        byte[] lines =
                new String(withoutNul, ISO_8859_1).replaceAll("[0-9] ", "<1>").getBytes(ISO_8859_1);
        checkCuts(() -> new SyslogFramer(FRAME_BYTES_MAX), lines, BLANKS);
    }

    @MethodSource("streams")
    @FuzzTest(maxDuration = "30s")
    void lines(byte[] stream) {
        checkCuts(() -> ObjectFramer.lines(FRAME_BYTES_MAX), stream, BLANKS);
    }

    @MethodSource("streams")
    @FuzzTest(maxDuration = "30s")
    void gelf(byte[] stream) {
        checkCuts(() -> ObjectFramer.gelf(FRAME_BYTES_MAX), stream, BLANKS);
    }

    @MethodSource("relpStreams")
    @FuzzTest(maxDuration = "30s")
    void relp(byte[] stream) {
        checkConversation(() -> new RelpFramer(FRAME_BYTES_MAX), stream);
        checkConversation(() -> new RelpFramer(FRAME_BYTES_MAX), join(bytes("1 open 0\n"), stream));
    }

    @MethodSource("lumberjackStreams")
    @FuzzTest(maxDuration = "30s")
    void lumberjack(byte[] stream) {
        checkConversation(() -> new LumberjackFramer(FRAME_BYTES_MAX), stream);
        byte[] window = bytes("2W\0\0\0\11");
        checkConversation(() -> new LumberjackFramer(FRAME_BYTES_MAX), join(window, stream));
        checkConversation(() -> new LumberjackFramer(FRAME_BYTES_MAX), join(window, LumberjackWire.compressed(stream)));
    }

    @MethodSource("forwardStreams")
    @FuzzTest(maxDuration = "30s")
    void forward(byte[] stream) {
        checkConversation(() -> new ForwardFramer(FORWARD_LIMITS, null), stream);
        checkConversation(() -> new ForwardFramer(FORWARD_LIMITS, null), join(bytes("\223\241t\1\200"), stream));
        checkConversation(() -> new ForwardFramer(FORWARD_LIMITS, null), join(bytes("["), stream));
        checkConversation(() -> new ForwardFramer(FORWARD_LIMITS, new ForwardHandshake(SECURITY)), stream);
    }

    static List<byte[]> forwardStreams() {
        return List.of(
                MsgPackBytes.array("t", 1, Map.of("k", "v"), Map.of("chunk", "c\n")),
                MsgPackBytes.array("t", List.of(List.of(1, Map.of("k", List.of(1, Map.of())))), Map.of("size", 1)),
                MsgPackBytes.array("t", new byte[60], Map.of("compressed", "gzip")),
                MsgPackBytes.array("PING", "host", "salt", "digest", "", ""),
                bytes("{\"a\":1}\n"),
                bytes("[\"t\",[[1,{\"a\":\"]\\\"\"}]],{\"chunk\":\"c\"}]\n[\"t\",1,{}]"));
    }

    static List<byte[]> relpStreams() {
        return List.of(
                bytes("1 open 14 relp_version=0\n2 syslog 3 <1>\n3 syslog 0\n4 close 0\n"),
                bytes("1 open 0\n2 syslog 99 " + "x".repeat(99) + "\n3 syslog 1 y\n"),
                bytes("1 open 0\n2 syslog 4294967295 x"));
    }

    static List<byte[]> lumberjackStreams() {
        return List.of(
                bytes("2W\0\0\0\2" + "2J\0\0\0\1\0\0\0\2{}" + "2J\0\0\0\2\0\0\0\2{}"),
                bytes("1W\0\0\0\1" + "1D\0\0\0\7\0\0\0\1\0\0\0\4line\0\0\0\1x"),
                bytes("2W\0\0\0\1" + "2J\0\0\0\1\0\0\0\77" + "x".repeat(63)),
                LumberjackWire.compressed(bytes("2W\0\0\0\1" + "2J\0\0\0\1\0\0\0\2{}")));
    }

    static List<byte[]> streams() {
        return List.of(
                bytes("<1>a\n5 <2>bc\r\n<3>d\0<4>e"),
                bytes("999 <1>" + "x".repeat(2 * FRAME_BYTES_MAX)),
                bytes("<1>" + "x".repeat(2 * FRAME_BYTES_MAX) + "\n12 <34>1 - - - -12 apples\n"),
                bytes("12 <34\n12 <34>\n\n\n1 <1>\n123456789 <1>"),
                bytes(
                        "5 <2>bc5 hello9 -- MARK --4 <1>a21 <1>\u00c3\u00a4\u00c3\u00a4b9 <1>abcdefgh4 <1>a12 <1>a\n4 <1>b"),
                bytes("12 <1>a 9 <1>b9 <1>abcde17 <1>d1 2 200 OK\n0 3 abc3 def"),
                bytes("{\"a\":\"}{\"}{\"b\":[{},\n{}]}{}\0{\"c\":\"\n{\"d\":1}x{}\n"),
                bytes("{\"a\":1}\r\n \n{}"),
                bytes("<1>a\n\tb\n\nCaused by: c\nTraceback (most recent call last):\n d\ne\n} \n#0 f\0<2>"));
    }

    private static void checkCuts(Supplier<Framer> framer, byte[] stream, Pattern framing) {
        List<String> whole = checkFrames(framer.get(), stream, framing);
        assertThat(Frames.read(
                        framer.get(),
                        stream,
                        IntStream.rangeClosed(1, stream.length).toArray()))
                .isEqualTo(whole);
        assertThat(Frames.read(framer.get(), stream, stream.length / 3, stream.length / 2))
                .isEqualTo(whole);
    }

    private static void checkConversation(Supplier<Framer> framer, byte[] stream) {
        List<String> whole = Frames.read(framer.get(), stream); // which accounts for every byte
        int[] everyByte = IntStream.rangeClosed(1, stream.length).toArray();
        assertThat(Frames.read(framer.get(), stream, everyByte)).isEqualTo(whole);
        assertThat(Frames.read(framer.get(), stream, stream.length / 2)).isEqualTo(whole);
    }

    private static byte[] join(byte[] start, byte[] rest) {
        byte[] all = Arrays.copyOf(start, start.length + rest.length);
        System.arraycopy(rest, 0, all, start.length, rest.length);
        return all;
    }

    /** What is in no frame is framing: nothing that a shipper wrote is passed over. */
    private static List<String> checkFrames(Framer framer, byte[] stream, Pattern framing, int... ends) {
        Frames frames = Frames.of(framer, stream, ends);
        assertThat(frames.framing()).allMatch(framing.asMatchPredicate());
        assertThat(frames.found())
                .allSatisfy(frame -> assertThat(frame.length()).isLessThanOrEqualTo(FRAME_BYTES_MAX + 20));
        assertThat(frames.discarded()).isZero();
        return frames.found();
    }

    private static byte[] bytes(String stream) {
        return stream.getBytes(ISO_8859_1);
    }
}
