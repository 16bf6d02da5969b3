package dev.sluice.tail;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.sluice.rule.EventFilter;
import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;

/** Somebody who looks: what waits for them, and what they lost. Any thread. */
public final class TailListener {

    /** What may wait for one who is slow. */
    public static final int BYTES_MAX = 64 << 10;

    private final EventFilter filter;
    private final ByteArrayOutputStream lines = new ByteArrayOutputStream();
    private final LongAdder lostByAll;
    private long lost;

    TailListener(EventFilter filter, LongAdder lostByAll) {
        this.filter = filter;
        this.lostByAll = lostByAll;
    }

    EventFilter filter() {
        return filter;
    }

    /** None after something was lost: what comes next is not shown before that is told. */
    synchronized int room() {
        return lost > 0 ? 0 : BYTES_MAX - lines.size();
    }

    /**
     * What one worker has: events that had room here, which another may have taken since, and how many others after.
     */
    synchronized void add(List<byte[]> events, long tooMany) {
        long before = lost;
        for (byte[] event : events) {
            if (event.length < room()) {
                lines.write(event, 0, event.length);
                lines.write('\n');
            } else {
                lost++;
            }
        }
        lost += tooMany;
        lostByAll.add(lost - before);
    }

    /** The lines that wait, and after them how many events were lost since; empty if there is nothing. */
    public synchronized byte[] take() {
        if (lost > 0) {
            lines.writeBytes(("{\"tail\":{\"lost\":" + lost + "}}\n").getBytes(US_ASCII));
            lost = 0;
        }
        byte[] taken = lines.toByteArray();
        lines.reset();
        return taken;
    }
}
