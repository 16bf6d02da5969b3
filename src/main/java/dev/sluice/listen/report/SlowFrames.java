package dev.sluice.listen.report;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says in the log whose connections were closed because others waited for the memory of their frames. */
public final class SlowFrames {

    private static final Logger LOG = LoggerFactory.getLogger(SlowFrames.class);

    /** A line a minute at most: an attack closes thousands. */
    private static final long LINE_NANOS = TimeUnit.MINUTES.toNanos(1);

    /** The name of a certificate may hold anything. */
    private static final Pattern UNPRINTED = Pattern.compile("[^\\x20-\\x7e]");

    private final LongSupplier clock;
    private boolean said;
    private long saidNanos;
    private int unsaid;

    public SlowFrames(LongSupplier clock) {
        this.clock = clock;
    }

    /** One of {@code source} was closed. Any thread. */
    public synchronized void closed(String source, int heldBytes) {
        long now = clock.getAsLong();
        if (said && now - saidNanos < LINE_NANOS) {
            unsaid++;
            return;
        }
        LOG.warn(
                "Closed a connection of {} that held {} bytes of an incomplete frame and did not go on with it while"
                        + " others waited for memory; {} more were closed since the last line like this",
                UNPRINTED.matcher(source).replaceAll("?"),
                heldBytes,
                unsaid);
        said = true;
        saidNanos = now;
        unsaid = 0;
    }
}
