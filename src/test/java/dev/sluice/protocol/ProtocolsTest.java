package dev.sluice.protocol;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.event.EventSink;
import dev.sluice.event.LogEvent;
import dev.sluice.event.Protocol;
import dev.sluice.event.RejectReason;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;

class ProtocolsTest {

    private final Protocols protocols = new Protocols(ZoneOffset.UTC, 64);

    @Test
    void firstBytesTellTheProtocol() {
        assertThat(detect("{\"a\":1}\n")).isEqualTo(Protocol.JSON);
        assertThat(detect("\r\n \t{\"a\":1} \r\n")).isEqualTo(Protocol.JSON);
        assertThat(detect("\u00ef\u00bb\u00bf{\"a\":1}\n")).isEqualTo(Protocol.JSON);
        assertThat(detect("\u00ef\u00bb\u00bfplain\n")).isEqualTo(Protocol.SYSLOG);
        assertThat(detect("<34>1 - - - - - -")).isEqualTo(Protocol.SYSLOG);
        assertThat(detect("17 <34>1 - - - - - -")).isEqualTo(Protocol.SYSLOG);
        assertThat(detect("anything")).isEqualTo(Protocol.SYSLOG);
    }

    @Test
    void anObjectThatEndsWithNulIsGelfWhateverIsInside() {
        assertThat(detect("{\"a\":1}\0")).isEqualTo(Protocol.GELF);
        assertThat(detect("{\n  \"a\":\n  1\n}\0")).isEqualTo(Protocol.GELF);
        assertThat(detect("{\n  \"a\": {}\n,\n\"b\":1}\n\0")).isEqualTo(Protocol.GELF);
        assertThat(detect("{\"a\":1}")).isNull();
        assertThat(detect("{\n  \"a\":\n")).isNull();
    }

    @Test
    void brokenJsonIsALineWhenAnotherObjectFollowsOrItIsLong() {
        assertThat(detect("{broken\n")).isNull();
        assertThat(detect("{broken\n{\"a\":1}\0")).isEqualTo(Protocol.JSON);
        assertThat(detect("{" + "x".repeat(Detection.OBJECT_BYTES_MAX))).isEqualTo(Protocol.JSON);
    }

    @Test
    void anObjectThatBeginsWhereAnotherOneEndedIsJson() {
        assertThat(detect("{\"a\":1}{\"b\":2")).isEqualTo(Protocol.JSON);
        assertThat(detect("{\"a\":{\"c\":\"}{\"}} {")).isEqualTo(Protocol.JSON);
        assertThat(detect("{\"a\":\"}{\"")).isNull();
        assertThat(detect("{\"a\":[{},{")).isNull();
        assertThat(detect("{\"a\":1}\0{\"b\":2")).isEqualTo(Protocol.GELF);
    }

    @Test
    void relpIsKnownByItsOpening() {
        assertThat(detect("1 open 85 relp_version=0")).isEqualTo(Protocol.RELP);
        assertThat(detect("999999999 open 0")).isEqualTo(Protocol.RELP);
        assertThat(detect("1 open ")).isNull();
        assertThat(detect("12")).isNull();
        assertThat(detect("1 open door")).isEqualTo(Protocol.SYSLOG);
        assertThat(detect("1 opened")).isEqualTo(Protocol.SYSLOG);
        assertThat(detect("1234567890123 open 1")).isEqualTo(Protocol.SYSLOG);
    }

    @Test
    void lumberjackIsKnownByItsVersionTypeAndFirstNul() {
        assertThat(detect("2W\0\0\0\2")).isEqualTo(Protocol.LUMBERJACK);
        assertThat(detect("1W\0")).isEqualTo(Protocol.LUMBERJACK);
        assertThat(detect("2C\0")).isEqualTo(Protocol.LUMBERJACK);
        assertThat(detect("2W")).isNull();
        assertThat(detect("2")).isNull();
        assertThat(detect("2Ways")).isEqualTo(Protocol.SYSLOG);
        assertThat(detect("2026-11-24 text")).isEqualTo(Protocol.SYSLOG);
    }

    @Test
    void whatIsUndecidedAtTheEndIsALine() {
        assertThat(protocols.detector().detect(new byte[] {'{', '}'}, 0, 2, true))
                .isEqualTo(Protocol.JSON);
        assertThat(protocols.detector().detect(new byte[] {'1'}, 0, 1, true)).isEqualTo(Protocol.SYSLOG);
    }

    @Test
    void whiteSpaceDecidesNothing() {
        assertThat(detect("")).isNull();
        assertThat(detect("\n\n ")).isNull();
    }

    @Test
    void jsonMayBeNestedAsDeeplyAsAllowedAndNoDeeper() {
        assertThat(reject(nested(63, "[", "]"))).isNull();
        assertThat(reject(nested(64, "[", "]"))).isEqualTo(RejectReason.NESTED_TOO_DEEP);
        assertThat(reject(nested(63, "{\"a\":", "}"))).isNull();
        assertThat(reject(nested(64, "{\"a\":", "}"))).isEqualTo(RejectReason.NESTED_TOO_DEEP);
        assertThat(reject("{\"a\":" + "[".repeat(100_000))).isEqualTo(RejectReason.NESTED_TOO_DEEP);
    }

    @Test
    void rejectsSayWhereButNotWhat() {
        List<String> details = new ArrayList<>();
        byte[] line = "{\"secret\":x}".getBytes(US_ASCII);
        protocols.decoder(Protocol.JSON).decode(line, 0, line.length, new LogEvent(), new CountingSink(details));
        assertThat(details).containsExactly("The line is not a JSON object: see its byte 10.");
    }

    @Test
    void flyweightIsReusedWithoutTraces() {
        LogEvent event = new LogEvent();
        for (String table : List.of("syslog.txt", "json.txt")) {
            Protocol protocol = table.startsWith("json") ? Protocol.JSON : Protocol.SYSLOG;
            for (byte[] frame : DecodingTableTest.frames(table)) {
                String fresh = Row.of(protocols.decoder(protocol), frame, Instant.EPOCH)
                        .toString();
                assertThat(Row.of(protocols.decoder(protocol), frame, Instant.EPOCH, event)
                                .toString())
                        .isEqualTo(fresh);
            }
        }
    }

    private Protocol detect(String bytes) {
        return protocols.detector().detect(bytes.getBytes(ISO_8859_1), 0, bytes.length(), false);
    }

    private RejectReason reject(String line) {
        String label = Row.of(protocols.decoder(Protocol.JSON), line.getBytes(US_ASCII), Instant.EPOCH)
                .path("reject")
                .asString("");
        return label.isEmpty() ? null : RejectReason.valueOf(label.toUpperCase(Locale.ROOT));
    }

    private static String nested(int levels, String open, String close) {
        return "{\"a\":" + open.repeat(levels) + "1" + close.repeat(levels) + "}";
    }

    private record CountingSink(List<String> details) implements EventSink {
        @Override
        public void event(LogEvent event) {
            details.add("an event");
        }

        @Override
        public void reject(RejectReason reason, String detail, byte[] bytes, int from, int to) {
            details.add(detail);
        }
    }
}
