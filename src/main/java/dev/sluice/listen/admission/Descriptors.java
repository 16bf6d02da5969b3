package dev.sluice.listen.admission;

import io.netty.channel.Channel;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * How many connections the process's limit of open files leaves room for, whatever the listeners may take: lanes, the
 * HTTP port and the files of the JVM need some, too, and a lane that gets no socket stores nothing. Shared by all
 * listeners. Any thread.
 */
public final class Descriptors {

    /** What the process has open, and may have. */
    public interface Files {
        /** Files and sockets that are open. */
        long open();

        /** How many may be. */
        long max();
    }

    /** For what else opens a file between two looks. */
    private static final int SPARE = 16;

    private final Files files;
    private final long othersMin;
    private final AtomicInteger connections = new AtomicInteger();
    private volatile long room;

    /**
     * Takes what is open now for open for good.
     *
     * @param kept how many of those that are free shippers never get
     */
    public Descriptors(Files files, int kept) {
        this.files = files;
        othersMin = files.open() + kept;
        look();
    }

    /** Where there is no limit, or none is known. */
    public static Descriptors unlimited() {
        return new Descriptors(
                new Files() {
                    @Override
                    public long open() {
                        return 0;
                    }

                    @Override
                    public long max() {
                        return Integer.MAX_VALUE;
                    }
                },
                0);
    }

    /** How many connections there may be. */
    public long room() {
        return room;
    }

    /** The limit of the process. */
    public long max() {
        return files.max();
    }

    /** Sees what others have opened, and a limit that was changed; for a timer. */
    public void look() {
        long others = files.open() - connections.get();
        room = Math.max(0, files.max() - Math.max(othersMin, others + SPARE));
    }

    public boolean isSpent() {
        return connections.get() >= room;
    }

    /** One more connection, until it closes. */
    public void opened(Channel connection) {
        connections.incrementAndGet();
        connection.closeFuture().addListener(closed -> connections.decrementAndGet());
    }
}
