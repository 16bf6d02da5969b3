package dev.sluice.listen.tls;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.FastThreadLocal;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The handshakes of one event loop, which take turns: after its reads a loop computes one record of one of them, and
 * reads again before the next. A record costs milliseconds and a read microseconds, so shippers that are through wait
 * for one handshake and not for all that came. Sources take turns, too, and those of one source stand in order of
 * arrival. On its event loop only.
 *
 * <p>What it holds: the handshakes that wait, which count among the connections.
 */
final class HandshakeTurns {

    private static final FastThreadLocal<HandshakeTurns> OF_LOOP = new FastThreadLocal<>() {
        @Override
        protected HandshakeTurns initialValue() {
            return new HandshakeTurns();
        }
    };

    private final Map<String, Set<Waiter>> waiting = new LinkedHashMap<>();
    private boolean isScheduled;

    private HandshakeTurns() {}

    /** A handshake of which a record is to be computed. */
    interface Waiter {
        /** The addresses that take turns as one. */
        String source();

        /** It is its turn; throws nothing. */
        void onTurn();
    }

    /** Those of this thread, which is an event loop. */
    static HandshakeTurns get() {
        return OF_LOOP.get();
    }

    /** {@code one} waits for its turn on {@code loop}, which is this thread. */
    void join(Waiter one, EventLoop loop) {
        waiting.computeIfAbsent(one.source(), source -> new LinkedHashSet<>()).add(one);
        schedule(loop);
    }

    /** Takes it out, if it is in. */
    void leave(Waiter one) {
        Set<Waiter> ofSource = waiting.get(one.source());
        if (ofSource != null && ofSource.remove(one) && ofSource.isEmpty()) {
            waiting.remove(one.source());
        }
    }

    /** A loop takes what is scheduled after its reads; what is scheduled then is taken after those that follow. */
    private void schedule(EventLoop loop) {
        if (!isScheduled) {
            isScheduled = true;
            var _ = loop.schedule(() -> next(loop), 0, TimeUnit.NANOSECONDS);
        }
    }

    private void next(EventLoop loop) {
        isScheduled = false;
        Waiter one = takeFirst();
        if (!waiting.isEmpty()) {
            schedule(loop);
        }
        if (one != null) {
            one.onTurn();
        }
    }

    /** The turn of its source comes last then. */
    private @Nullable Waiter takeFirst() {
        Iterator<Map.Entry<String, Set<Waiter>>> sources = waiting.entrySet().iterator();
        if (!sources.hasNext()) {
            return null;
        }
        Map.Entry<String, Set<Waiter>> first = sources.next();
        String source = first.getKey();
        Set<Waiter> ofSource = first.getValue();
        sources.remove();
        Waiter one = ofSource.iterator().next();
        ofSource.remove(one);
        if (!ofSource.isEmpty()) {
            waiting.put(source, ofSource);
        }
        return one;
    }
}
