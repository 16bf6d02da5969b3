package dev.sluice.protocol;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.event.Framer;
import dev.sluice.event.Framer.Found;
import dev.sluice.event.Protocol;
import dev.sluice.protocol.lumberjack.LumberjackWire;
import java.nio.ByteBuffer;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The work for an incomplete frame grows with its length, not with its square, when it comes byte by byte: of what was
 * presented before, a framer looks at its first and last bytes alone. All others are spoiled here, and the frame is
 * found where it was.
 */
class FramingWorkTest {

    private static final int FRAME_BYTES_MAX = 256 * 1024;
    private static final int LOOKED_AT_AGAIN = 64;

    private final Protocols protocols = new Protocols(ZoneOffset.UTC, 64);

    /** A long frame of each framer. */
    private enum Long {
        LINE(Protocol.SYSLOG, text("<13>" + "x y<1>9 ".repeat(1000) + "\n")),
        COUNTED(Protocol.SYSLOG, text("6004 <13>" + "x\n<1>9 ".repeat(857) + "y")),
        JSON(Protocol.JSON, text("{\"a\":\"" + "{}[]\\\"".repeat(1000) + "\"}\n")),
        GELF(Protocol.GELF, text("{\"a\":\"" + "{}[]\\\"".repeat(1000) + "\"}\0")),
        RELP(Protocol.RELP, text("1 open 0 \n2 syslog 6000 " + "x\n 3 ".repeat(1200) + "\n")),
        EVENT(Protocol.LUMBERJACK, LumberjackWire.join(LumberjackWire.window(1), LumberjackWire.json(1, pairText()))),
        PAIRS(Protocol.LUMBERJACK, pairs()),
        MESSAGE(Protocol.FORWARD, MsgPackBytes.array("t", nested(300))),
        PACKED(Protocol.FORWARD, MsgPackBytes.array("t", new byte[6000])),
        ARRAY(Protocol.FORWARD, text("[\"t\",[[1,{\"a\":\"" + "{}[]\\\"".repeat(1000) + "\"}]]]"));

        private final Protocol protocol;
        private final byte[] stream;

        Long(Protocol protocol, byte[] stream) {
            this.protocol = protocol;
            this.stream = stream;
        }
    }

    @ParameterizedTest
    @EnumSource
    void aFrameThatComesByteByByteIsLookedThroughOnce(Long frame) {
        Supplier<Framer> framer = () -> protocols.framer(frame.protocol, FRAME_BYTES_MAX);
        List<String> whole = Frames.read(framer.get(), frame.stream);
        assertThat(whole).isNotEmpty().noneMatch(found -> found.equals("MALFORMED"));
        assertThat(spoiled(framer.get(), frame.stream)).isEqualTo(whole);
    }

    private static List<String> spoiled(Framer framer, byte[] stream) {
        Framer.Frame frame = new Framer.Frame();
        byte[] bytes = new byte[stream.length];
        int from = 0;
        int to = 0;
        while (to < stream.length - 1) {
            bytes[to] = stream[to];
            to++;
            int spoiled = to - 1 - LOOKED_AT_AGAIN;
            if (spoiled > from + LOOKED_AT_AGAIN) {
                bytes[spoiled] = (byte) 0xC1;
            }
            Found next = framer.next(bytes, from, to, frame);
            if (next != Found.INCOMPLETE) {
                assertThat(next).as("at byte %d".formatted(to)).isEqualTo(Found.SKIPPED);
                from = frame.next();
            }
        }
        List<String> found = new ArrayList<>();
        if (frame.reply().size() > 0) {
            found.add("> " + new String(frame.takeReply().bytes(), ISO_8859_1));
        }
        found.addAll(Frames.read(framer, Arrays.copyOfRange(stream, from, stream.length)));
        return found;
    }

    @Test
    void anObjectThatTellsNoProtocolIsLookedThroughOnce() {
        for (String text : List.of(
                "{\"a\":[{}" + ",{}".repeat(15_000) + "]}\n",
                "{" + "\n".repeat(60_000) + "}\n",
                "\u00ef\u00bb\u00bf{\"a\":\"" + "\\\"}\n".repeat(8000) + "\"}\n")) {
            byte[] stream = text.getBytes(ISO_8859_1);
            Detection detection = new Detection();
            byte[] bytes = new byte[stream.length];
            for (int to = 1; to < stream.length; to++) {
                bytes[to - 1] = stream[to - 1];
                assertThat(detection.detect(bytes, 0, to, false)).isNull();
                if (to > LOOKED_AT_AGAIN) {
                    bytes[to - 1] = 0; // had it looked again, that were GELF
                }
            }
            bytes[stream.length - 1] = '\n';
            assertThat(detection.detect(bytes, 0, bytes.length, false)).isEqualTo(Protocol.JSON);
        }
    }

    private static byte[] text(String text) {
        return text.getBytes(ISO_8859_1);
    }

    private static String pairText() {
        return "{\"a\":\"" + "2W".repeat(3000) + "\"}";
    }

    private static Object nested(int depth) {
        Object value = 1;
        for (int i = 0; i < depth; i++) {
            value = Map.of("k", List.of(value));
        }
        return List.of(List.of(1, value));
    }

    private static byte[] pairs() {
        ByteBuffer frame = ByteBuffer.allocate(6 + 10 + 1000 * 10);
        frame.put((byte) '1').put((byte) 'W').putInt(1);
        frame.put((byte) '1').put((byte) 'D').putInt(1).putInt(1000);
        for (int i = 0; i < 2000; i++) {
            frame.putInt(1).put((byte) 'x');
        }
        return frame.array();
    }
}
