package dev.sluice.store;

import dev.sluice.event.ByteWriter;
import dev.sluice.event.Delivery;
import dev.sluice.event.LogEvent;
import dev.sluice.event.Origin;
import dev.sluice.event.RejectReason;
import dev.sluice.event.RowEncoder;
import dev.sluice.event.Rows;
import dev.sluice.event.Slice;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Encodes events straight into PostgreSQL's binary COPY format. Its arrays grow to the largest parcel's rows and are
 * reused, at most {@value #KEPT_BYTES} bytes each; a seal copies the rows out at their exact size.
 */
public final class CopyRowEncoder implements RowEncoder {

    private static final int INITIAL_BYTES = 64 * 1024;
    private static final int KEPT_BYTES = 1024 * 1024;

    private ByteWriter events = new ByteWriter(INITIAL_BYTES);
    private ByteWriter deadLetters = new ByteWriter(0);
    private int eventRows;
    private final Map<RejectReason, Integer> rejected = new EnumMap<>(RejectReason.class);

    private final List<Delivery> deliveries = new ArrayList<>();
    private final IdentityHashMap<Delivery, Integer> places = new IdentityHashMap<>();
    private int[] eventsOfDelivery = new int[16];
    private int place;

    private @Nullable Delivery delivery;
    private @Nullable Origin origin;
    /** The last two columns, the same for all rows of an origin. */
    private byte[] originColumns = {};

    @Override
    public void begin(Delivery next) {
        delivery = next;
        place = places.computeIfAbsent(next, this::addDelivery);
        if (!next.origin().equals(origin)) {
            origin = next.origin();
            originColumns = originColumns(next.origin());
        }
    }

    @Override
    public void event(LogEvent event) {
        ByteWriter out = events;
        long receivedAt = CopyFormat.timestamptz(event.receivedAtMicros());
        out.putShort(CopyFormat.EVENT_COLUMN_COUNT);
        timestamp(out, receivedAt);
        timestamp(
                out,
                event.eventAtMicros() == LogEvent.NO_TIME ? receivedAt : CopyFormat.timestamptz(event.eventAtMicros()));
        smallint(out, event.severity());
        smallint(out, event.facility());
        text(out, event.host());
        text(out, event.app());
        text(out, event.procId());
        text(out, event.msgId());
        message(out, event.message());
        attributes(out, event);
        out.put(originColumns);
        eventRows++;
        eventsOfDelivery[place]++;
    }

    @Override
    public void reject(RejectReason reason, String detail, byte[] bytes, int from, int to) {
        Delivery of = delivery;
        if (of == null) {
            throw new IllegalStateException("a reject came before the delivery that it belongs to");
        }
        ByteWriter out = deadLetters;
        out.putShort(CopyFormat.DEAD_LETTER_COLUMN_COUNT);
        timestamp(out, CopyFormat.timestamptz(of.receivedAtMicros()));
        out.put(originColumns);
        text(out, of.origin().protocol().label());
        text(out, reason.label());
        text(out, detail);
        out.putInt(to - from);
        out.put(bytes, from, to - from);
        rejected.merge(reason, 1, Integer::sum);
    }

    @Override
    public Rows seal() {
        List<Rows.Part> parts = new ArrayList<>(deliveries.size());
        for (int i = 0; i < deliveries.size(); i++) {
            parts.add(new Rows.Part(deliveries.get(i), eventsOfDelivery[i]));
        }
        Rows rows = new Rows(
                events.toByteArray(), eventRows, deadLetters.toByteArray(), Map.copyOf(rejected), List.copyOf(parts));
        clear();
        return rows;
    }

    private void clear() {
        events = emptied(events);
        deadLetters = emptied(deadLetters);
        eventRows = 0;
        rejected.clear();
        Arrays.fill(eventsOfDelivery, 0, deliveries.size(), 0);
        deliveries.clear();
        places.clear();
        delivery = null;
    }

    private static ByteWriter emptied(ByteWriter writer) {
        if (writer.array().length > KEPT_BYTES) {
            return new ByteWriter(INITIAL_BYTES);
        }
        writer.truncate(0);
        return writer;
    }

    private int addDelivery(Delivery added) {
        int at = deliveries.size();
        deliveries.add(added);
        if (at == eventsOfDelivery.length) {
            eventsOfDelivery = Arrays.copyOf(eventsOfDelivery, at * 2);
        }
        return at;
    }

    private static byte[] originColumns(Origin origin) {
        ByteWriter out =
                new ByteWriter(2 * Integer.BYTES + origin.sourceBytes().length + origin.listenerBytes().length);
        text(out, origin.sourceBytes());
        text(out, origin.listenerBytes());
        return out.toByteArray();
    }

    private static void timestamp(ByteWriter out, long value) {
        out.putInt(Long.BYTES);
        out.putLong(value);
    }

    private static void smallint(ByteWriter out, int value) {
        if (value == LogEvent.UNKNOWN) {
            out.putInt(CopyFormat.NULL);
        } else {
            out.putInt(Short.BYTES);
            out.putShort(value);
        }
    }

    private static void text(ByteWriter out, Slice slice) {
        if (slice.isPresent()) {
            out.putInt(slice.length());
            out.put(slice.array(), slice.offset(), slice.length());
        } else {
            out.putInt(CopyFormat.NULL);
        }
    }

    /** As {@link #text}, but an event without a message gets an empty one: the column is not null. */
    private static void message(ByteWriter out, Slice slice) {
        out.putInt(slice.length());
        out.put(slice.array(), slice.offset(), slice.length());
    }

    private static void attributes(ByteWriter out, LogEvent event) {
        if (event.attributes().isEmpty()) {
            out.putInt(CopyFormat.NULL);
            return;
        }
        ByteWriter members = event.attributes().text();
        out.putInt(members.size() + 3);
        out.put(CopyFormat.JSONB_VERSION);
        out.put('{');
        out.put(members.array(), 0, members.size());
        out.put('}');
    }

    private static void text(ByteWriter out, String value) {
        text(out, value.getBytes(StandardCharsets.UTF_8));
    }

    private static void text(ByteWriter out, byte[] value) {
        out.putInt(value.length);
        out.put(value);
    }
}
