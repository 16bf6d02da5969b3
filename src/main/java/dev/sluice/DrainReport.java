package dev.sluice;

import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says what a stop did. */
final class DrainReport {

    private static final Logger LOG = LoggerFactory.getLogger(DrainReport.class);

    private final long startNanos = System.nanoTime();
    private final int connections;
    private final long eventsBefore;

    /**
     * A stop begins.
     *
     * @param connections that are open
     * @param eventsBefore how many events are stored
     */
    DrainReport(int connections, long eventsBefore) {
        this.connections = connections;
        this.eventsBefore = eventsBefore;
    }

    /**
     * Everything that was read is stored.
     *
     * @param cut connections that had to be closed, because their time was over and their shippers had not ended them
     * @param eventsAfter how many events are stored
     */
    void log(int cut, long eventsAfter) {
        String done = String.format(
                Locale.ROOT,
                "Drained in %.1f s: %d connections, %d events",
                seconds(),
                connections,
                eventsAfter - eventsBefore);
        if (cut == 0) {
            LOG.info("{}, everything is stored", done);
        } else {
            LOG.warn(
                    "{}, everything that was read is stored; {} connections were closed while their shippers might"
                            + " still send, because sluice.pipeline.drain-timeout was over",
                    done,
                    cut);
        }
    }

    /** The stop ends, and {@code bytes} of what was read, as the budget counts them, are not stored. */
    void logLoss(long bytes) {
        if (bytes == 0) {
            LOG.warn("Stopped after {} s, before the drain was over; all that was read is stored", roundedSeconds());
            return;
        }
        LOG.error(
                "Stopped after {} s with {} KB that were read and could not be stored; shippers that wait for"
                        + " acknowledgements send them again, those of others are lost",
                roundedSeconds(),
                (bytes + 1023) / 1024);
    }

    private double roundedSeconds() {
        return Math.round(10 * seconds()) / 10.0;
    }

    private double seconds() {
        return (System.nanoTime() - startNanos) / 1e9;
    }
}
