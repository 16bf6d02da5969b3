package dev.sluice;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A shipper that loses nothing: it has some deliveries on their way, gives a connection up that is silent for too long,
 * connects again, and sends again what was not acknowledged. When told to finish it waits until all of it is.
 */
final class StubbornShipper implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(StubbornShipper.class);

    private final String prefix;
    private final int window;
    private final Opener opener;
    private final ArrayDeque<String> open = new ArrayDeque<>();
    private final List<String> acknowledged = new ArrayList<>();
    private final Thread thread;
    private int timeouts;
    private int breaks;
    private volatile boolean finishing;
    private volatile boolean closed;

    /** How it speaks. */
    interface Opener {
        Session open() throws IOException;
    }

    /** One connection. */
    interface Session extends AutoCloseable {
        void send(String delivery) throws IOException;

        /** Waits for the acknowledgement of the oldest delivery. */
        void awaitAck() throws IOException;

        @Override
        void close() throws IOException;
    }

    /**
     * Starts.
     *
     * @param prefix its deliveries are called so, and numbered from 0
     * @param window how many deliveries may be on their way
     */
    StubbornShipper(String prefix, int window, Opener opener) {
        this.prefix = prefix;
        this.window = window;
        this.opener = opener;
        thread = Thread.ofPlatform().start(this::ship);
    }

    private void ship() {
        while (goesOn()) {
            try (Session session = opener.open()) {
                for (String delivery : open) {
                    session.send(delivery);
                }
                ship(session);
            } catch (SocketTimeoutException silent) {
                timeouts++;
            } catch (IOException broken) {
                LOG.info("The connection of {} broke", prefix, broken);
                breaks++;
            }
        }
    }

    private void ship(Session session) throws IOException {
        while (goesOn()) {
            if (!finishing && open.size() < window) {
                open.add(prefix + (acknowledged.size() + open.size()));
                session.send(open.getLast());
            } else {
                session.awaitAck();
                acknowledged.add(open.remove());
            }
        }
    }

    private boolean goesOn() {
        return !closed && (!finishing || !open.isEmpty());
    }

    /** Sends nothing new and waits until everything is acknowledged; what that is. */
    List<String> finish() throws InterruptedException {
        finishing = true;
        thread.join(60_000);
        if (thread.isAlive()) {
            throw new AssertionError(prefix + " still waits for " + open.size() + " acknowledgements");
        }
        return acknowledged;
    }

    /** How often it gave up waiting; once it has finished. */
    int timeouts() {
        return timeouts;
    }

    /** How often the service broke its connection; once it has finished. */
    int breaks() {
        return breaks;
    }

    /** Ends it, whatever it waits for. */
    @Override
    public void close() {
        closed = true;
    }
}
