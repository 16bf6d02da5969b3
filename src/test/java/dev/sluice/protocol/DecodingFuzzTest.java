package dev.sluice.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.sluice.event.Protocol;
import io.airlift.compress.v3.zstd.ZstdOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Any bytes become one row that PostgreSQL takes. The build replays the tables and what was found; to search for more:
 *
 * <pre>JAZZER_FUZZ=1 mvn test -Dtest=DecodingFuzzTest#json -Djazzer.max_duration=1h</pre>
 */
class DecodingFuzzTest {

    @MethodSource("syslogLines")
    @FuzzTest(maxDuration = "30s")
    void syslog(byte[] line) {
        RowCheck.check(Protocol.SYSLOG, line);
    }

    @MethodSource("syslogLines")
    @FuzzTest(maxDuration = "30s")
    void rfc5424(byte[] line) {
        RowCheck.check(Protocol.SYSLOG, join("<34>1 2003-10-11T22:14:15.003Z h a p m ", line));
    }

    @MethodSource("syslogLines")
    @FuzzTest(maxDuration = "30s")
    void rfc3164(byte[] line) {
        RowCheck.check(Protocol.SYSLOG, join("<34>", line));
        RowCheck.check(Protocol.SYSLOG, join("<34>Oct 11 22:14:15 ", line));
    }

    @MethodSource("jsonLines")
    @FuzzTest(maxDuration = "30s")
    void json(byte[] line) {
        RowCheck.check(Protocol.JSON, line);
    }

    @MethodSource("jsonLines")
    @FuzzTest(maxDuration = "30s")
    void jsonMembers(byte[] members) {
        RowCheck.check(Protocol.JSON, join("{\"message\":\"m\",", members));
        RowCheck.check(Protocol.JSON, members);
    }

    @MethodSource("pairs")
    @FuzzTest(maxDuration = "30s")
    void lumberjack(byte[] event) {
        RowCheck.check(Protocol.LUMBERJACK, event);
        RowCheck.check(Protocol.LUMBERJACK, join("\0\0\0\1", event));
    }

    @MethodSource("jsonLines")
    @FuzzTest(maxDuration = "30s")
    void gelf(byte[] event) {
        RowCheck.check(Protocol.GELF, event);
        RowCheck.check(Protocol.GELF, join("{\"version\":\"1.1\",\"short_message\":\"m\",\"_x\":", event));
    }

    @MethodSource("messages")
    @FuzzTest(maxDuration = "30s")
    void forward(byte[] message) {
        RowCheck.check(Protocol.FORWARD, message);
        RowCheck.check(Protocol.FORWARD, join("[\"t\",[[1,{\"a\":1}],", message));
    }

    @MethodSource("entries")
    @FuzzTest(maxDuration = "30s")
    void forwardEntries(byte[] entries) {
        RowCheck.check(Protocol.FORWARD, MsgPackBytes.array("t", entries));
        RowCheck.check(Protocol.FORWARD, MsgPackBytes.array("t", gzip(entries), Map.of("compressed", "gzip")));
        RowCheck.check(Protocol.FORWARD, MsgPackBytes.array("t", entries, Map.of("compressed", "gzip")));
    }

    /** By itself, because its inflater is slow to make. */
    @MethodSource("entries")
    @FuzzTest(maxDuration = "30s")
    void forwardZstd(byte[] entries) {
        RowCheck.check(Protocol.FORWARD, MsgPackBytes.array("t", entries, Map.of("compressed", "zstd")));
    }

    static List<byte[]> messages() {
        return List.of(
                MsgPackBytes.array("t", 1, Map.of("log", "l", "level", "warn"), Map.of("chunk", "c")),
                MsgPackBytes.array("t", List.of(List.of(1.5, Map.of("a", List.of(true, Map.of()))), List.of(1, 2))),
                MsgPackBytes.array("t", List.of(MsgPackBytes.time(1, 2), Map.of("k", 1)), Map.of("m", new byte[] {-1})),
                join("[\"t\",1.5,{\"log\":\"l\"},{\"chunk\":\"c\"}]", new byte[0]),
                join("7],[1,{}]],{}]", new byte[0]));
    }

    static List<byte[]> entries() {
        byte[] entry = MsgPackBytes.array(MsgPackBytes.time(1, 2), Map.of("log", "l", "n", -1L));
        return List.of(entry, MsgPackBytes.join(entry, entry, new byte[] {(byte) 0x92, 1}), gzip(entry), zstd(entry));
    }

    private static byte[] gzip(byte[] bytes) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(bytes);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return out.toByteArray();
    }

    private static byte[] zstd(byte[] bytes) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (ZstdOutputStream zstd = new ZstdOutputStream(out)) {
            zstd.write(bytes);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return out.toByteArray();
    }

    static List<byte[]> pairs() {
        return List.of(
                join("{\"message\":\"m\"}", new byte[0]),
                join("\0\0\0\1\0\0\0\4line\0\0\0\5hello", new byte[0]),
                join("\0\0\0\2\0\0\0\1a\0\0\0\1\"\0\0\0\1a\0\0\0\1\0", new byte[0]),
                join("\0\0\0\1\0\0\0\4line\0\0\0\2", new byte[] {(byte) 0xff, 0}),
                // More than its rows may take, when what was escaped was repaired and not what came.
                Base64.getDecoder().decode("AAAAAgAAAAEAAAAAGAAAAAACAAAAAQAAAAAYAAAAAAH9AAAAAQAAAAH9AAAAAQg="));
    }

    static List<byte[]> syslogLines() {
        return DecodingTableTest.frames("syslog.txt");
    }

    static List<byte[]> jsonLines() {
        return DecodingTableTest.frames("json.txt");
    }

    private static byte[] join(String start, byte[] rest) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(start.getBytes(UTF_8));
        out.writeBytes(rest);
        return out.toByteArray();
    }
}
