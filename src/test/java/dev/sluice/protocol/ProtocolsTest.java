package dev.sluice.protocol;

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
    void firstByteTellsTheProtocol() {
        assertThat(detect("{\"a\":1}")).isEqualTo(Protocol.JSON);
        assertThat(detect("\r\n \t{")).isEqualTo(Protocol.JSON);
        assertThat(detect("<34>1 - - - - - -")).isEqualTo(Protocol.SYSLOG);
        assertThat(detect("17 <34>1 - - - - - -")).isEqualTo(Protocol.SYSLOG);
        assertThat(detect("anything")).isEqualTo(Protocol.SYSLOG);
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
        return protocols.detect(bytes.getBytes(US_ASCII), 0, bytes.length());
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
