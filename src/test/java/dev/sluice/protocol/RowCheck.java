package dev.sluice.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.event.EventSink;
import dev.sluice.event.LogEvent;
import dev.sluice.event.Protocol;
import dev.sluice.event.RejectReason;
import dev.sluice.protocol.forward.ForwardLimits;
import dev.sluice.text.Slice;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.time.ZoneId;
import java.util.Arrays;
import java.util.List;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What holds for any bytes whatever: each frame gives exactly one row, and PostgreSQL takes it. A Forward message gives
 * as many as it has entries, and no more bytes of them than it may.
 */
public final class RowCheck implements EventSink {

    private static final ForwardLimits FORWARD_LIMITS = new ForwardLimits(1 << 20, 1 << 20, 64 << 10);
    private static final Protocols PROTOCOLS = new Protocols(ZoneId.of("Europe/Berlin"), 64, FORWARD_LIMITS, true);
    private static final JsonMapper JSON = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNumberLength(Integer.MAX_VALUE)
                            .build())
                    .build())
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .build();
    private static final long RECEIVED_AT_MICROS = 1_767_323_045_678_901L;

    /** 4713-11-24 BC, where {@code timestamptz} begins. */
    private static final long TIMESTAMPTZ_MIN = -210_866_803_200_000_000L;

    /** What PostgreSQL's {@code numeric} holds. */
    private static final int NUMERIC_SCALE_MAX = 16_383;

    private static final int NUMERIC_DIGITS_MAX = 131_072;

    private final boolean isForward;
    private final byte[] frame;
    private int rows;
    private boolean stored;
    private long bytes;

    private RowCheck(Protocol protocol, byte[] frame) {
        isForward = protocol == Protocol.FORWARD;
        this.frame = frame;
    }

    /** Decodes a frame that stands between other bytes, and one that fills its array, and checks what becomes of it. */
    public static void check(Protocol protocol, byte[] frame) {
        check(protocol, frame, 8);
        check(protocol, frame, 0);
    }

    private static void check(Protocol protocol, byte[] frame, int padding) {
        byte[] padded = new byte[frame.length + 2 * padding];
        Arrays.fill(padded, (byte) '"');
        System.arraycopy(frame, 0, padded, padding, frame.length);
        LogEvent event = new LogEvent();
        event.reset(RECEIVED_AT_MICROS);
        RowCheck properties = new RowCheck(protocol, frame);
        PROTOCOLS.decoder(protocol).decode(padded, padding, padding + frame.length, event, properties);
        if (properties.isForward) {
            assertThat(properties.bytes).isLessThanOrEqualTo(FORWARD_LIMITS.inflatedBytesMax());
            return;
        }
        assertThat(properties.rows).isEqualTo(1);
        if (protocol == Protocol.SYSLOG) {
            assertThat(properties.stored).isTrue();
        }
    }

    @Override
    public void event(LogEvent event) {
        rows++;
        stored = true;
        List.of(event.host(), event.app(), event.procId(), event.msgId(), event.message())
                .forEach(RowCheck::checkText);
        assertThat(event.message().isPresent()).isTrue();
        assertThat(event.severity()).isBetween(-1, 7);
        assertThat(event.facility()).isBetween(-1, 23);
        if (event.eventAtMicros() != LogEvent.NO_TIME) {
            assertThat(event.eventAtMicros()).isGreaterThanOrEqualTo(TIMESTAMPTZ_MIN);
        }
        byte[] attributes = Row.attributes(event).getBytes(UTF_8);
        checkText(attributes, 0, attributes.length);
        checkJson(JSON.readTree(attributes));
        if (!isForward) {
            assertThat((long) attributes.length).isLessThanOrEqualTo(12L * frame.length + 64);
        }
        bytes += attributes.length + event.message().length();
    }

    @Override
    public void reject(RejectReason reason, String detail, byte[] array, int from, int to) {
        rows++;
        byte[] payload = Arrays.copyOfRange(array, from, to);
        if (!isForward) {
            assertThat(payload).isEqualTo(frame);
        }
        bytes += payload.length;
    }

    @Override
    public long bytes() {
        return bytes;
    }

    @Override
    public void takeBack() {
        bytes = 0;
    }

    private static void checkText(Slice slice) {
        checkText(slice.array(), slice.offset(), slice.length());
    }

    private static void checkText(byte[] bytes, int offset, int length) {
        try {
            String text = UTF_8.newDecoder()
                    .decode(ByteBuffer.wrap(bytes, offset, length))
                    .toString();
            assertThat(text.indexOf('\0')).isNegative();
        } catch (CharacterCodingException e) {
            throw new AssertionError("Not UTF-8", e);
        }
    }

    /** What {@code jsonb} refuses although it is JSON. */
    private static void checkJson(JsonNode node) {
        if (node.isString()) {
            String text = node.asString();
            assertThat(text.indexOf('\0')).isNegative();
            assertThat(UTF_8.newEncoder().canEncode(text)).isTrue();
        }
        node.properties()
                .forEach(property -> assertThat(property.getKey().indexOf('\0')).isNegative());
        node.forEach(RowCheck::checkJson);
    }
}
