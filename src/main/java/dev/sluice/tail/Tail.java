package dev.sluice.tail;

import dev.sluice.event.RowEncoder;
import dev.sluice.rule.EventFilter;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;

/** Those who look at the events that come; none, most of the time. Any thread. */
public final class Tail {

    /** At a time. */
    public static final int LISTENERS_MAX = 8;

    private final List<TailListener> listeners = new CopyOnWriteArrayList<>();
    private final LongAdder lost = new LongAdder();

    /** Lets somebody look, until {@link #close}; empty when as many do as may. */
    public Optional<TailListener> open(EventFilter filter) {
        TailListener opened = new TailListener(filter, lost);
        synchronized (listeners) {
            return listeners.size() < LISTENERS_MAX && listeners.add(opened) ? Optional.of(opened) : Optional.empty();
        }
    }

    public void close(TailListener listener) {
        listeners.remove(listener);
    }

    /** How many events were not shown to those who asked for them, since the start. */
    public long lost() {
        return lost.sum();
    }

    /** Those who look now. */
    public List<TailListener> listeners() {
        return listeners;
    }

    /**
     * What gives the encoder of one worker for the next batch of frames: {@code rows} as it is, while nobody looks, so
     * that it costs nothing then.
     */
    public Supplier<RowEncoder> before(RowEncoder rows) {
        RowEncoder shown = new TailEncoder(this, rows);
        return () -> listeners.isEmpty() ? rows : shown;
    }
}
