package dev.sluice.store;

import dev.sluice.event.ArrayPool;
import dev.sluice.event.Delivery;
import dev.sluice.event.LogEvent;
import dev.sluice.event.Origin;
import dev.sluice.event.Protocol;
import dev.sluice.event.Rows;
import dev.sluice.store.copy.CopyRowEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** Rows of numbered events, each delivery with an ack that counts. */
public final class Events {

    public static final Origin ORIGIN = Origin.of("main", "10.0.0.1", Protocol.SYSLOG);
    /** 2026-11-24T00:00:00Z. */
    public static final long TIME = 1_795_478_400_000_000L;

    private static final byte[] HOST = "host-1".getBytes(StandardCharsets.UTF_8);
    private static final byte[] APP = "payments".getBytes(StandardCharsets.UTF_8);
    private static final byte[] KEY = "request".getBytes(StandardCharsets.UTF_8);

    public final AtomicInteger acks = new AtomicInteger();
    private final CopyRowEncoder encoder = new CopyRowEncoder(ArrayPool.none());
    private final LogEvent event = new LogEvent();
    private int next;

    /** {@code frameBatches} times one delivery of {@code each} events, numbered on and on. */
    public List<Rows> frameBatches(int frameBatches, int each) {
        List<Rows> rows = new ArrayList<>();
        for (int i = 0; i < frameBatches; i++) {
            rows.add(frameBatch(each));
        }
        return rows;
    }

    public Rows frameBatch(int count) {
        encoder.begin(delivery());
        return fill(count);
    }

    /** Events of the delivery that was begun. */
    Rows fill(int count) {
        for (int i = 0; i < count; i++) {
            add("event " + next++);
        }
        return encoder.seal();
    }

    Rows frameBatchOf(String... messages) {
        encoder.begin(delivery());
        return fill(messages);
    }

    /** Events of the delivery that was begun. */
    Rows fill(String... messages) {
        for (String message : messages) {
            add(message);
        }
        return encoder.seal();
    }

    /** Events that were received at another time. */
    public Rows frameBatchAt(Instant receivedAt, int count) {
        encoder.begin(delivery());
        for (int i = 0; i < count; i++) {
            add("event " + next++, receivedAt.toEpochMilli() * 1000);
        }
        return encoder.seal();
    }

    public Delivery delivery() {
        return new Delivery(ORIGIN, TIME, 0, 1, acks::incrementAndGet);
    }

    public CopyRowEncoder encoder() {
        return encoder;
    }

    private void add(String message) {
        add(message, TIME);
    }

    private void add(String message, long time) {
        event.reset(time);
        event.severity(6);
        event.facility(1);
        event.host().set(HOST);
        event.app().set(APP);
        event.message().set(message.getBytes(StandardCharsets.UTF_8));
        event.attributes().key(KEY).string(APP, 0, APP.length);
        encoder.event(event);
    }
}
