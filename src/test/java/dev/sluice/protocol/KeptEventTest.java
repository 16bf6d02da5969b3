package dev.sluice.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.event.EventSink;
import dev.sluice.event.LogEvent;
import dev.sluice.event.Origin;
import dev.sluice.event.Protocol;
import dev.sluice.event.RejectReason;
import dev.sluice.rule.field.EventJson;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An event that was written into a dead letter is the same event when it is read from there. */
class KeptEventTest {

    private static final Origin ORIGIN = Origin.of("main", "127.0.0.1", Protocol.SYSLOG);

    private final Protocols protocols = new Protocols(ZoneOffset.UTC, 64);

    @ParameterizedTest
    @ValueSource(
            strings = {
                "<13>1 2026-11-24T00:00:00.5Z h app 7 id [a b=\"c\" d=\"\\\"\"] text \t \u00e4 \ud83d\ude00",
                "<13>1 - - - - - - ",
                "no header at all",
                "<0>Nov 24 10:00:00 host tag[1]: bsd"
            })
    void whatWasWrittenIsReadAgain(String line) {
        LogEvent event = new LogEvent();
        event.reset(1_795_478_400_123_456L);
        List<String> rows = new ArrayList<>();
        byte[] bytes = line.getBytes(UTF_8);
        protocols.decoder(Protocol.SYSLOG).decode(bytes, 0, bytes.length, event, into(rows));
        byte[] written = rows.removeFirst().getBytes(UTF_8);
        protocols.keptEvents().decode(written, 0, written.length, new LogEvent(), into(rows));
        assertThat(rows).containsExactly(new String(written, UTF_8));
    }

    @Test
    void membersOfJsonStayWhatTheyAre() {
        List<String> rows = new ArrayList<>();
        String written = "{\"received_at\":\"2026-11-24T00:00:00.000001Z\",\"message\":\"\\u0001\\n\","
                + "\"attributes\":{\"a\":[1,{\"b\":null}],\"c\":1e3,\"sluice.sample_share\":0.5},\"source\":\"127.0.0.1\","
                + "\"listener\":\"main\"}";
        protocols.keptEvents().decode(written.getBytes(UTF_8), 0, written.length(), new LogEvent(), into(rows));
        assertThat(rows).containsExactly(written);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "[]",
                "{\"message\":\"a\"} ",
                "{\"unknown\":1}",
                "{\"received_at\":\"yesterday\"}",
                "{\"event_at\":\"+999999999-12-31T00:00:00Z\"}",
                "{\"severity\":70000}",
                "{\"attributes\":[]}",
                "{\"attributes\":{\"a\":\"\\u0000\"}}",
                "{\"attributes\":{\"a\":NaN}}"
            })
    void whatIsNoEventIsRefused(String payload) {
        List<String> rows = new ArrayList<>();
        byte[] bytes = payload.getBytes(UTF_8);
        protocols.keptEvents().decode(bytes, 0, bytes.length, new LogEvent(), into(rows));
        assertThat(rows).containsExactly("malformed_json " + payload);
    }

    private static EventSink into(List<String> rows) {
        return new EventSink() {
            @Override
            public void event(LogEvent event) {
                rows.add(new String(EventJson.of(event, ORIGIN), UTF_8));
            }

            @Override
            public void reject(RejectReason reason, String detail, byte[] bytes, int from, int to) {
                rows.add(reason.label() + " " + new String(bytes, from, to - from, UTF_8));
            }
        };
    }
}
