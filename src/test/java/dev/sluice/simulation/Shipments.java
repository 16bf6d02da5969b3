package dev.sluice.simulation;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.event.ArrayPool;
import dev.sluice.event.Delivery;
import dev.sluice.event.LogEvent;
import dev.sluice.event.Origin;
import dev.sluice.event.Protocol;
import dev.sluice.event.Rows;
import dev.sluice.store.copy.CopyRowEncoder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;

/** Deliveries of numbered events in the place of listeners and workers: they come by demand, on a loop of their own. */
final class Shipments extends Flux<Rows> implements Subscription {

    private static final Origin ORIGIN = Origin.of("main", "10.0.0.1", Protocol.FORWARD);
    private static final int TEXT_MAX = 3000;

    /** A delivery and the names of its events; several of one id are one that was sent again. */
    record Shipment(int id, boolean isIdentified, List<String> messages) {}

    private final VirtualLoop loop;
    private final SplittableRandom random;
    private final Consumer<Shipment> acknowledged;
    private final Queue<Rows> waiting = new ArrayDeque<>();
    private final CopyRowEncoder encoder = new CopyRowEncoder(ArrayPool.none());
    private final LogEvent event = new LogEvent();
    private CoreSubscriber<? super Rows> subscriber;
    private long demand;
    private boolean isComplete;
    private int shipments;
    private int events;

    Shipments(VirtualLoop loop, SplittableRandom random, Consumer<Shipment> acknowledged) {
        this.loop = loop;
        this.random = random;
        this.acknowledged = acknowledged;
    }

    /** A new one of a few events or many, some of which may be bad. */
    Shipment next(double bad) {
        int size = 1 + random.nextInt(random.nextInt(8) == 0 ? 60 : 6);
        List<String> messages = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            String kind = random.nextDouble() < bad ? BadRows.KINDS.get(random.nextInt(BadRows.KINDS.size())) : "";
            messages.add("event-" + events++ + " " + "x".repeat(random.nextInt(TEXT_MAX)) + kind);
        }
        return new Shipment(shipments++, random.nextInt(3) == 0, messages);
    }

    /** It has been read and decoded. */
    void offer(Shipment shipment) {
        long time = 1_795_478_400_000_000L;
        encoder.begin(new Delivery(ORIGIN, time, 0, 1, () -> acknowledged.accept(shipment)));
        for (String message : shipment.messages) {
            event.reset(time);
            event.message().set(message.getBytes(UTF_8));
            encoder.event(event);
        }
        if (shipment.isIdentified) {
            encoder.identity(Integer.toString(shipment.id).getBytes(UTF_8));
        }
        waiting.add(encoder.seal());
        loop.execute(this::emit);
    }

    void complete() {
        isComplete = true;
        loop.execute(this::emit);
    }

    @Override
    public void subscribe(CoreSubscriber<? super Rows> actual) {
        subscriber = actual;
        actual.onSubscribe(this);
    }

    @Override
    public void request(long n) {
        demand += n;
        loop.execute(this::emit);
    }

    @Override
    public void cancel() {
        throw new SimulationFailure("the store gave up its source");
    }

    private void emit() {
        while (demand > 0 && !waiting.isEmpty()) {
            demand--;
            subscriber.onNext(waiting.remove());
        }
        if (isComplete && waiting.isEmpty()) {
            isComplete = false;
            subscriber.onComplete();
        }
    }
}
