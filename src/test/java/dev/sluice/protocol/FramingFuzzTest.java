package dev.sluice.protocol;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.sluice.event.Framer;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Any bytes are framed to the end, and how they were cut into reads does not matter. To search for more than the seeds:
 *
 * <pre>JAZZER_FUZZ=1 mvn test -Dtest=FramingFuzzTest#syslog -Djazzer.max_duration=1h</pre>
 */
class FramingFuzzTest {

    private static final int FRAME_BYTES_MAX = 40;

    @MethodSource("streams")
    @FuzzTest(maxDuration = "30s")
    void syslog(byte[] stream) {
        // Where a read ends matters to a NUL inside a message, by design: see LineFramer.
        checkFrames(new SyslogFramer(FRAME_BYTES_MAX), stream);
        byte[] withoutNul = stream.clone();
        for (int i = 0; i < stream.length; i++) {
            withoutNul[i] = stream[i] == 0 ? (byte) '<' : stream[i];
        }
        checkCuts(() -> new SyslogFramer(FRAME_BYTES_MAX), withoutNul);
    }

    @MethodSource("streams")
    @FuzzTest(maxDuration = "30s")
    void lines(byte[] stream) {
        checkCuts(() -> new LineFramer(FRAME_BYTES_MAX, LineFramer.End.LF), stream);
    }

    static List<byte[]> streams() {
        return List.of(
                bytes("<1>a\n5 <2>bc\r\n<3>d\0<4>e"),
                bytes("999 <1>" + "x".repeat(2 * FRAME_BYTES_MAX)),
                bytes("<1>" + "x".repeat(2 * FRAME_BYTES_MAX) + "\n12 <34>1 - - - -12 apples\n"),
                bytes("12 <34\n12 <34>\n\n\n1 <1>\n123456789 <1>"),
                bytes("{\"a\":1}\r\n \n{}"));
    }

    private static void checkCuts(Supplier<Framer> framer, byte[] stream) {
        List<String> whole = checkFrames(framer.get(), stream);
        assertThat(Frames.read(
                        framer.get(),
                        stream,
                        IntStream.rangeClosed(1, stream.length).toArray()))
                .isEqualTo(whole);
        assertThat(Frames.read(framer.get(), stream, stream.length / 3, stream.length / 2))
                .isEqualTo(whole);
    }

    private static List<String> checkFrames(Framer framer, byte[] stream) {
        List<String> frames = Frames.read(framer, stream);
        assertThat(frames).allSatisfy(frame -> assertThat(frame.length()).isLessThanOrEqualTo(FRAME_BYTES_MAX + 20));
        return frames;
    }

    private static byte[] bytes(String stream) {
        return stream.getBytes(ISO_8859_1);
    }
}
