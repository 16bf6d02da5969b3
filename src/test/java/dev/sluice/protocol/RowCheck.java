package dev.sluice.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.event.EventSink;
import dev.sluice.event.LogEvent;
import dev.sluice.event.Protocol;
import dev.sluice.event.RejectReason;
import dev.sluice.protocol.forward.ForwardLimits;
import dev.sluice.text.Slice;
import java.io.ByteArrayOutputStream;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.time.ZoneId;
import java.util.Arrays;
import java.util.List;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.json.JsonFactory;

/**
 * What holds for any bytes whatever: each frame gives exactly one row, and PostgreSQL takes it. A Forward message gives
 * as many as it has entries, and no more bytes of them than it may.
 */
public final class RowCheck implements EventSink {

    private static final ForwardLimits FORWARD_LIMITS = new ForwardLimits(1 << 20, 1 << 20, 64 << 10);
    private static final Protocols PROTOCOLS = new Protocols(ZoneId.of("Europe/Berlin"), 64, FORWARD_LIMITS, true);
    /** Names that no two inputs have in common would only fill its table. */
    private static final JsonFactory JSON = JsonFactory.builder()
            .disable(TokenStreamFactory.Feature.CANONICALIZE_PROPERTY_NAMES)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNumberLength(Integer.MAX_VALUE)
                    .build())
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
        ByteArrayOutputStream object = new ByteArrayOutputStream();
        object.write('{');
        object.write(
                event.attributes().text().array(), 0, event.attributes().text().size());
        object.write('}');
        byte[] attributes = object.toByteArray();
        checkText(attributes, 0, attributes.length);
        checkJson(attributes);
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

    /** One value, without what {@code jsonb} refuses although it is JSON. */
    private static void checkJson(byte[] object) {
        int depth = 0;
        try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), object)) {
            for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
                depth += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
                if (token == JsonToken.VALUE_STRING || token == JsonToken.PROPERTY_NAME) {
                    checkString(parser.getString());
                }
                if (token.isNumeric()) {
                    checkNumber(new BigDecimal(parser.getString()));
                }
                if (token.isStructEnd() && depth == 0) {
                    assertThat(parser.nextToken()).isNull();
                }
            }
        }
        assertThat(depth).isZero();
    }

    private static void checkNumber(BigDecimal number) {
        assertThat(number.scale()).isLessThanOrEqualTo(NUMERIC_SCALE_MAX);
        assertThat(number.precision() - (long) number.scale()).isLessThanOrEqualTo(NUMERIC_DIGITS_MAX);
    }

    private static void checkString(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean isPair = Character.isHighSurrogate(c)
                    && i + 1 < text.length()
                    && Character.isLowSurrogate(text.charAt(i + 1));
            if (c == 0 || (Character.isSurrogate(c) && !isPair)) {
                throw new AssertionError("No text for jsonb: " + text);
            }
            i += isPair ? 1 : 0;
        }
    }
}
