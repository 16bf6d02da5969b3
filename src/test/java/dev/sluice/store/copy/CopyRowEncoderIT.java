package dev.sluice.store.copy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.event.ArrayPool;
import dev.sluice.event.Delivery;
import dev.sluice.event.LogEvent;
import dev.sluice.event.Origin;
import dev.sluice.event.Protocol;
import dev.sluice.event.RejectReason;
import dev.sluice.event.Rows;
import dev.sluice.store.Events;
import dev.sluice.store.StoreFixture;
import dev.sluice.testing.PostgresExtension;
import dev.sluice.text.Slice;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each column comes back from PostgreSQL as it went in. */
class CopyRowEncoderIT {

    @RegisterExtension
    static final PostgresExtension POSTGRES = PostgresExtension.shared();

    private static final String TEXT = "größe 日本 😀 \" \\ \n\t\u0001 ' $1 \\x";

    private final CopyRowEncoder encoder = new CopyRowEncoder(ArrayPool.none());
    private final LogEvent event = new LogEvent();

    @BeforeEach
    void prepare() {
        StoreFixture.prepare(POSTGRES);
    }

    @Test
    void everyColumnComesBack() {
        encoder.begin(delivery(Origin.of("lístener", "CN=schiff, O=größe", Protocol.JSON)));
        event.reset(Events.TIME + 123_456);
        event.eventAtMicros(Events.TIME - 1);
        event.severity(0);
        event.facility(23);
        set(event.host(), "host " + TEXT);
        set(event.app(), "app " + TEXT);
        set(event.procId(), "proc " + TEXT);
        set(event.msgId(), "msg " + TEXT);
        set(event.message(), "message " + TEXT);
        byte[] key = "k".getBytes(StandardCharsets.UTF_8);
        byte[] value = TEXT.getBytes(StandardCharsets.UTF_8);
        event.attributes().key(key).string(value, 0, value.length);
        encoder.event(event);
        assertThat(stored())
                .containsEntry("received_at", "2026-11-24 00:00:00.123456")
                .containsEntry("event_at", "2026-11-23 23:59:59.999999")
                .containsEntry("severity", 0)
                .containsEntry("facility", 23)
                .containsEntry("host", "host " + TEXT)
                .containsEntry("app", "app " + TEXT)
                .containsEntry("proc_id", "proc " + TEXT)
                .containsEntry("msg_id", "msg " + TEXT)
                .containsEntry("message", "message " + TEXT)
                .containsEntry("k", TEXT)
                .containsEntry("source", "CN=schiff, O=größe")
                .containsEntry("listener", "lístener");
    }

    @Test
    void absentFieldsAreNullAndTheTimeIsThatOfTheRead() {
        encoder.begin(delivery(Events.ORIGIN));
        event.reset(Events.TIME);
        encoder.event(event);
        assertThat(stored())
                .containsEntry("event_at", "2026-11-24 00:00:00")
                .containsEntry("message", "")
                .containsEntry("attributes", null)
                .containsEntry("severity", null)
                .containsEntry("facility", null)
                .containsEntry("host", null)
                .containsEntry("app", null)
                .containsEntry("proc_id", null)
                .containsEntry("msg_id", null);
    }

    @Test
    void emptyFieldsAreEmpty() {
        encoder.begin(delivery(Events.ORIGIN));
        event.reset(Events.TIME);
        set(event.host(), "");
        set(event.msgId(), "");
        encoder.event(event);
        assertThat(stored())
                .containsEntry("host", "")
                .containsEntry("msg_id", "")
                .containsEntry("app", null);
    }

    @ParameterizedTest
    @CsvSource({
        "0, 1970-01-01 00:00:00",
        "-1, 1969-12-31 23:59:59.999999",
        "9223372036854775807, 294247-01-10 04:00:54.775807",
        "-9223372036854775807, 4714-11-24 00:00:00 BC",
        "-210866803200000001, 4714-11-24 00:00:00 BC",
        "-210866803199999999, 4714-11-24 00:00:00.000001 BC"
    })
    void timesStayInTheRangeOfTheColumn(long micros, String expected) {
        encoder.begin(delivery(Events.ORIGIN));
        event.reset(Events.TIME);
        event.eventAtMicros(micros);
        encoder.event(event);
        assertThat(stored()).containsEntry("event_at", expected);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 70_000, 3_000_000})
    void longMessagesComeBack(int length) {
        encoder.begin(delivery(Events.ORIGIN));
        event.reset(Events.TIME);
        set(event.message(), "x".repeat(length));
        encoder.event(event);
        assertThat((String) stored().get("message")).hasSize(length).containsOnlyOnce("x".repeat(length));
    }

    @Test
    void rejectsComeBackByteForByte() {
        Delivery delivery = delivery(Events.ORIGIN);
        encoder.begin(delivery);
        byte[] payload = {9, 0, (byte) 0xff, 'a', 9};
        encoder.reject(RejectReason.TRUNCATED_FRAME, "ended after 3 of 9 bytes", payload, 1, 4);
        write(encoder.seal());
        Map<String, Object> letter = POSTGRES.rows(
                        "select *, (received_at at time zone 'UTC')::text as at from dead_letter")
                .getFirst();
        assertThat(letter)
                .containsEntry("at", "2026-11-24 00:00:00")
                .containsEntry("source", "10.0.0.1")
                .containsEntry("listener", "main")
                .containsEntry("protocol", "syslog")
                .containsEntry("reason", "truncated_frame")
                .containsEntry("detail", "ended after 3 of 9 bytes")
                .containsEntry("payload", new byte[] {0, (byte) 0xff, 'a'});
    }

    @Test
    void sealsTheRowsOfEachDeliveryAsOnePartAndStartsAnew() {
        Delivery first = delivery(Events.ORIGIN);
        Delivery second = delivery(Events.ORIGIN);
        encoder.begin(first);
        event.reset(Events.TIME);
        encoder.event(event);
        encoder.begin(second);
        encoder.begin(first);
        encoder.event(event);
        Rows rows = encoder.seal();
        assertThat(rows.events()).isEqualTo(2);
        assertThat(rows.parts()).extracting(Rows.Part::events).containsExactly(2, 0);
        assertThat(rows.parts().getFirst().delivery()).isSameAs(first);
        byte[] bytes = rows.pieces().getFirst().bytes();
        assertThat(CopyFormat.skipRows(bytes, 0, 2)).isEqualTo(bytes.length);
        Rows nothing = encoder.seal();
        assertThat(nothing.size() + nothing.events() + nothing.parts().size()).isZero();
    }

    private static Delivery delivery(Origin origin) {
        return new Delivery(origin, Events.TIME, 0, 1, Delivery.NO_ACK);
    }

    private static void set(Slice slice, String text) {
        byte[] padded = ("##" + text + "#").getBytes(StandardCharsets.UTF_8);
        slice.set(padded, 2, padded.length - 3);
    }

    private Map<String, Object> stored() {
        write(encoder.seal());
        Map<String, Object> row = POSTGRES.rows("select *, attributes ->> 'k' as k from log_event")
                .getFirst();
        // As text: JDBC's own times do not reach as far as PostgreSQL's.
        row.putAll(POSTGRES.rows("select (received_at at time zone 'UTC')::text as received_at,"
                        + " (event_at at time zone 'UTC')::text as event_at from log_event")
                .getFirst());
        return row;
    }

    private static void write(Rows rows) {
        try (StoreFixture fixture = new StoreFixture(POSTGRES)) {
            fixture.write(List.of(rows));
            assertThat(fixture.deadLetters).hasValue(0);
        }
    }
}
