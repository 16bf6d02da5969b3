package dev.sluice.store.copy;

import dev.sluice.event.ArrayPool;
import dev.sluice.event.Delivery;
import dev.sluice.event.FrameBatch;
import dev.sluice.event.LogEvent;
import dev.sluice.event.Origin;
import dev.sluice.event.RejectReason;
import dev.sluice.event.RowEncoder;
import dev.sluice.event.Rows;
import dev.sluice.text.ByteWriter;
import dev.sluice.text.Slice;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Encodes events straight into PostgreSQL's binary COPY format. Its arrays are reused; what passes {@value #KEPT_BYTES}
 * bytes is copied out as a piece of its own, and a seal copies out the rest.
 */
public final class CopyRowEncoder implements RowEncoder {

    private static final int INITIAL_BYTES = 64 * 1024;
    private static final int KEPT_BYTES = 1024 * 1024;

    private final ArrayPool arrays;
    private ByteWriter events = new ByteWriter(INITIAL_BYTES);
    private ByteWriter deadLetters = new ByteWriter(0);
    private int eventRows;
    private final List<Rows.Piece> pieces = new ArrayList<>();

    private final List<OpenPart> parts = new ArrayList<>();
    private final IdentityHashMap<Delivery, OpenPart> places = new IdentityHashMap<>();

    private @Nullable OpenPart part;
    private @Nullable Origin origin;
    /** The last two columns, the same for all rows of an origin. */
    private byte[] originColumns = {};

    /** An encoder whose rows are in arrays of {@code arrays}. */
    public CopyRowEncoder(ArrayPool arrays) {
        this.arrays = arrays;
    }

    @Override
    public void begin(Delivery next) {
        OpenPart begun = places.computeIfAbsent(next, this::addPart);
        begun.beginFrame(this);
        part = begun;
        if (!next.origin().equals(origin)) {
            origin = next.origin();
            originColumns = originColumns(next.origin());
        }
    }

    @Override
    public void beginFrame() {
        part().beginFrame(this);
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
        part().events++;
        if (events.size() > KEPT_BYTES) {
            cut();
        }
    }

    @Override
    public void reject(RejectReason reason, String detail, byte[] bytes, int from, int to) {
        deadLetter(reason, detail).payload(bytes, from, to).piece(null);
    }

    @Override
    public void reject(FrameBatch.Reject refused) {
        byte[] payload = refused.payload();
        DeadLetterRow row = deadLetter(refused.reason(), refused.reason().detail());
        row.payload(payload, 0, payload.length).piece(refused.piece());
    }

    private DeadLetterRow deadLetter(RejectReason reason, String detail) {
        part().rejected.merge(reason, 1, Integer::sum);
        return new DeadLetterRow(deadLetters)
                .of(part().delivery, originColumns)
                .text(reason.label())
                .text(detail);
    }

    @Override
    public void filtered() {
        part().filtered++;
    }

    @Override
    public void identity(byte[] identity) {
        part().id = DeliveryId.of(part().delivery.origin(), identity);
    }

    @Override
    public long bytes() {
        return part().bytes(this);
    }

    @Override
    public void takeBack() {
        part().takeBack(this);
    }

    @Override
    public Rows seal() {
        if (events.size() > 0) {
            cut();
        }
        List<Rows.Part> sealed = new ArrayList<>(parts.size());
        parts.forEach(open -> sealed.add(open.seal()));
        Rows rows = new Rows(List.copyOf(pieces), deadLetters.toByteArray(), List.copyOf(sealed));
        clear();
        return rows;
    }

    @Override
    public void discard() {
        events = emptied(events);
        eventRows = 0;
        clear();
    }

    /** Copies out what was written, so that a large delivery needs no array of its size. */
    private void cut() {
        byte[] copy = arrays.take(events.size());
        System.arraycopy(events.array(), 0, copy, 0, events.size());
        pieces.add(new Rows.Piece(copy, events.size(), eventRows));
        events = emptied(events);
        eventRows = 0;
    }

    private void clear() {
        deadLetters = emptied(deadLetters);
        pieces.clear();
        parts.clear();
        places.clear();
        part = null;
    }

    private static ByteWriter emptied(ByteWriter writer) {
        if (writer.array().length > KEPT_BYTES) {
            return new ByteWriter(INITIAL_BYTES);
        }
        writer.truncate(0);
        return writer;
    }

    private OpenPart addPart(Delivery added) {
        OpenPart open = new OpenPart(added);
        parts.add(open);
        return open;
    }

    private OpenPart part() {
        OpenPart open = part;
        if (open == null) {
            throw new IllegalStateException("no delivery was begun");
        }
        return open;
    }

    private static byte[] originColumns(Origin origin) {
        ByteWriter out =
                new ByteWriter(2 * Integer.BYTES + origin.sourceBytes().length + origin.listenerBytes().length);
        text(out, origin.sourceBytes());
        text(out, origin.listenerBytes());
        return out.toByteArray();
    }

    static void timestamp(ByteWriter out, long value) {
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

    private static void text(ByteWriter out, byte[] value) {
        out.putInt(value.length);
        out.put(value);
    }

    /** What a delivery became so far, and where its last frame began. */
    private static final class OpenPart {
        private final Delivery delivery;
        private final Map<RejectReason, Integer> rejected = new EnumMap<>(RejectReason.class);
        private int events;
        private int filtered;
        private @Nullable UUID id;
        private int eventsBefore;
        private int filteredBefore;
        private Map<RejectReason, Integer> rejectedBefore = Map.of();
        private int pieces;
        private int eventBytes;
        private int eventRows;
        private int deadLetterBytes;

        OpenPart(Delivery delivery) {
            this.delivery = delivery;
        }

        void beginFrame(CopyRowEncoder encoder) {
            eventsBefore = events;
            filteredBefore = filtered;
            rejectedBefore = rejected.isEmpty() ? Map.of() : Map.copyOf(rejected);
            pieces = encoder.pieces.size();
            eventBytes = encoder.events.size();
            eventRows = encoder.eventRows;
            deadLetterBytes = encoder.deadLetters.size();
        }

        long bytes(CopyRowEncoder encoder) {
            long sum = (long) encoder.events.size() - eventBytes + encoder.deadLetters.size() - deadLetterBytes;
            for (int i = pieces; i < encoder.pieces.size(); i++) {
                sum += encoder.pieces.get(i).length();
            }
            return sum;
        }

        void takeBack(CopyRowEncoder encoder) {
            if (encoder.pieces.size() > pieces) {
                byte[] first = encoder.pieces.get(pieces).bytes();
                encoder.events.truncate(0);
                encoder.events.put(first, 0, eventBytes);
                encoder.pieces.subList(pieces, encoder.pieces.size()).clear();
            }
            encoder.events.truncate(eventBytes);
            encoder.eventRows = eventRows;
            encoder.deadLetters.truncate(deadLetterBytes);
            events = eventsBefore;
            filtered = filteredBefore;
            rejected.clear();
            rejected.putAll(rejectedBefore);
        }

        Rows.Part seal() {
            return new Rows.Part(delivery, events, filtered, rejected.isEmpty() ? Map.of() : Map.copyOf(rejected), id);
        }
    }
}
