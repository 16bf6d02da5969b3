package dev.sluice.listen.intake;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.event.FrameBatch;
import dev.sluice.event.Framer;
import dev.sluice.event.Origin;
import dev.sluice.event.Protocol;
import dev.sluice.event.ProtocolDetector;
import dev.sluice.event.Reply;
import dev.sluice.listen.report.ListenObserver;
import dev.sluice.protocol.Protocols;
import dev.sluice.testing.Seed;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.zip.DeflaterOutputStream;
import org.junit.jupiter.api.Test;

/** The pieces of a frame that is too long are numbered, whatever reads they come in: joined they are the frame. */
class FramePiecesTest {

    private static final int FRAME_BYTES_MAX = 1024;
    private static final String HEAD = "<13>1 - h app - - - ";

    private final SplittableRandom random = Seed.random();

    @Test
    void linesAndObjects() {
        String line = HEAD + text();
        String other = HEAD + text();
        joined(Protocol.SYSLOG, line + "\n" + HEAD + "short\n" + other + "\n" + line, line, other, line);
        String object = "{\"message\":\"" + text() + "\"}";
        joined(Protocol.JSON, object + "\n{}\n" + object + object, object, object, object);
        joined(Protocol.GELF, object + "\0" + object + "\0", object, object);
    }

    @Test
    void countedFrames() {
        String line = HEAD + text();
        String counted = line.length() + " " + line;
        joined(Protocol.SYSLOG, counted + counted + "24 " + HEAD + "end!" + counted, line, line, line);
        String relp = " syslog " + line.length() + " " + line + "\n";
        joined(Protocol.RELP, "1 open 14 relp_version=0\n2" + relp + "3" + relp, line, line);
    }

    @Test
    void eventsOfBeatsPackedOrNot() throws IOException {
        String event = "{\"message\":\"" + text() + "\"}";
        byte[] events = beats(event, event);
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (DeflaterOutputStream deflater = new DeflaterOutputStream(packed)) {
            deflater.write(events);
        }
        ByteArrayOutputStream stream = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(stream);
        out.writeBytes("2W");
        out.writeInt(2);
        out.write(events);
        out.writeBytes("2W");
        out.writeInt(2);
        out.writeBytes("2C");
        out.writeInt(packed.size());
        packed.writeTo(out);
        joined(Protocol.LUMBERJACK, stream.toString(ISO_8859_1), event, event, event, event);
    }

    @Test
    void aFrameThatIsCutOffHasNoLastPiece() {
        String line = HEAD + text();
        List<FramedRead.Refused> pieces = pieces(Protocol.SYSLOG, line.length() + 500 + " " + line);
        assertThat(pieces)
                .hasSizeGreaterThan(1)
                .noneMatch(piece -> piece.piece().isLast());
        assertThat(pieces)
                .extracting(piece -> piece.piece().frame())
                .containsOnly(pieces.getFirst().piece().frame());
    }

    private void joined(Protocol protocol, String stream, String... frames) {
        for (int round = 0; round < 20; round++) {
            Map<UUID, StringBuilder> all = new LinkedHashMap<>();
            Map<UUID, FrameBatch.Piece> last = new LinkedHashMap<>();
            for (FramedRead.Refused refused : pieces(protocol, stream)) {
                FrameBatch.Piece piece = refused.piece();
                FrameBatch.Piece before = last.put(piece.frame(), piece);
                assertThat(piece.number()).isEqualTo(before == null ? 1 : before.number() + 1);
                assertThat(before != null && before.isLast()).isFalse();
                all.computeIfAbsent(piece.frame(), frame -> new StringBuilder())
                        .append(new String(refused.payload(), ISO_8859_1));
            }
            assertThat(all.values()).extracting(StringBuilder::toString).containsExactly(frames);
            assertThat(last.values()).allMatch(FrameBatch.Piece::isLast);
        }
    }

    private List<FramedRead.Refused> pieces(Protocol protocol, String stream) {
        List<FramedRead.Refused> refused = new ArrayList<>();
        FrameAssembler assembler =
                new FrameAssembler(framing(protocol), Origin.of("main", "10.0.0.1", protocol), sink(refused));
        byte[] bytes = stream.getBytes(ISO_8859_1);
        for (int at = 0; at < bytes.length; ) {
            int size = Math.min(1 + random.nextInt(1 + random.nextInt(4 * FRAME_BYTES_MAX)), bytes.length - at);
            byte[] read = new byte[size];
            System.arraycopy(bytes, at, read, 0, size);
            assembler.read(read, size, 0);
            at += size;
        }
        assembler.end();
        return refused;
    }

    private static Framing framing(Protocol only) {
        Protocols protocols = new Protocols(ZoneOffset.UTC, 64);
        return new Framing() {
            @Override
            public ProtocolDetector detector() {
                return (bytes, from, to, last) -> only;
            }

            @Override
            public Framer framer(Protocol protocol) {
                return protocols.framer(protocol, FRAME_BYTES_MAX);
            }
        };
    }

    private static FrameSink sink(List<FramedRead.Refused> refused) {
        return new FrameSink() {
            @Override
            public void deliver(FramedRead read, Origin origin, long readNanos, long receivedAtMicros) {
                refused.addAll(read.refused());
            }

            @Override
            public void reply(Protocol protocol, Reply reply) {}

            @Override
            public void discarded(Origin origin, ListenObserver.Discard why, int bytes) {
                throw new AssertionError(bytes + " bytes: " + why);
            }

            @Override
            public boolean hasRoom(int bytes) {
                return true;
            }
        };
    }

    private static byte[] beats(String... events) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        for (int i = 0; i < events.length; i++) {
            out.writeBytes("2J");
            out.writeInt(i + 1);
            out.writeInt(events[i].length());
            out.writeBytes(events[i]);
        }
        return bytes.toByteArray();
    }

    private String text() {
        StringBuilder text = new StringBuilder();
        int length = FRAME_BYTES_MAX + random.nextInt(4 * FRAME_BYTES_MAX);
        while (text.length() < length) {
            text.append((char) ('a' + random.nextInt(26)));
        }
        return text.toString();
    }
}
