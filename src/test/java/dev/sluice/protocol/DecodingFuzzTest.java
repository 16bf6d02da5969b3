package dev.sluice.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.sluice.event.Protocol;
import java.io.ByteArrayOutputStream;
import java.util.List;
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
