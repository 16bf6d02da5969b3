package dev.sluice;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.sluice.testing.Await;
import dev.sluice.testing.PostgresExtension;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Shippers that send syslog lines as fast as they can, each with a number of its own as the first word of its message,
 * until they are told to stop or the service half-closes. Then they end their side and read to the end.
 */
final class Shippers implements AutoCloseable {

    private static final String HEAD = "<13>1 2026-11-24T00:00:00Z host app - - - ";

    private final List<Thread> threads = new ArrayList<>();
    private final List<Socket> sockets = new ArrayList<>();
    private final AtomicLong bytes = new AtomicLong();
    private final AtomicLong events = new AtomicLong();
    private final AtomicLong broken = new AtomicLong();
    private final AtomicLong next = new AtomicLong();
    private final Wire wire;
    private final byte[] padding;
    private final long pauseNanos;
    private volatile boolean stopped;

    /** What a connection speaks below the events. */
    interface Wire {
        Wire PLAIN = plain -> plain;

        Socket on(Socket plain) throws IOException;
    }

    /** Connects without TLS. */
    Shippers(int port, int many, int frameBytesMax, long pauseNanos) {
        this(port, Wire.PLAIN, many, frameBytesMax, pauseNanos);
    }

    /**
     * Connects.
     *
     * @param frameBytesMax frames are up to this long, small ones more often than large ones
     * @param pauseNanos between two frames of one shipper
     */
    Shippers(int port, Wire wire, int many, int frameBytesMax, long pauseNanos) {
        this.wire = wire;
        padding = "x".repeat(Math.max(0, frameBytesMax - HEAD.length() - 25)).getBytes(US_ASCII);
        this.pauseNanos = pauseNanos;
        try {
            for (int i = 0; i < many; i++) {
                sockets.add(new Socket("127.0.0.1", port));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        sockets.forEach(plain -> threads.add(Thread.ofPlatform().start(() -> shipOn(plain))));
    }

    private void shipOn(Socket plain) {
        try (Socket socket = wire.on(plain)) {
            ship(plain, socket);
        } catch (IOException e) {
            broken.incrementAndGet();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void ship(Socket plain, Socket socket) throws IOException, InterruptedException {
        Thread ear = Thread.ofPlatform().start(() -> listen(plain, socket));
        var random = new SplittableRandom(socket.getLocalPort());
        var out = socket.getOutputStream();
        while (!stopped && ear.isAlive()) {
            byte[] frame = frame(random);
            out.write(frame);
            bytes.addAndGet(frame.length);
            events.incrementAndGet();
            if (pauseNanos > 0) {
                LockSupport.parkNanos(pauseNanos);
            }
        }
        socket.shutdownOutput();
        ear.join();
    }

    /** The service sends nothing, so whatever comes is the end; with TLS its answer to ours may come before it. */
    private void listen(Socket plain, Socket socket) {
        try {
            int end = plain.getInputStream().read(); // as rsyslog does, which looks below TLS
            if (end >= 0 && (plain.equals(socket) || !stopped)) {
                broken.incrementAndGet();
            }
        } catch (IOException e) {
            broken.incrementAndGet();
        }
    }

    private byte[] frame(SplittableRandom random) {
        byte[] head = (HEAD + next.incrementAndGet() + " ").getBytes(US_ASCII);
        int more = padding.length == 0 ? 0 : random.nextInt(padding.length >> random.nextInt(12) | 1);
        byte[] frame = new byte[head.length + more + 1];
        System.arraycopy(head, 0, frame, 0, head.length);
        System.arraycopy(padding, 0, frame, head.length, more);
        frame[frame.length - 1] = '\n';
        return frame;
    }

    /** Events that were sent whole. */
    long events() {
        return events.get();
    }

    /** Bytes of the frames that were sent whole. */
    long bytes() {
        return bytes.get();
    }

    /** Connections that ended other than by our own end. */
    long broken() {
        return broken.get();
    }

    /** How many are still at it. */
    long alive() {
        return threads.stream().filter(Thread::isAlive).count();
    }

    /** Ends the sending and waits until everything was taken. */
    void finish(long seconds) {
        stopped = true;
        await(seconds);
    }

    /** Waits until every shipper has ended. */
    void await(long seconds) {
        long deadline = System.nanoTime() + seconds * 1_000_000_000L;
        try {
            for (Thread thread : threads) {
                thread.join(Math.max(1, (deadline - System.nanoTime()) / 1_000_000));
                if (thread.isAlive()) {
                    throw new AssertionError("a shipper is stuck; " + alive() + " of " + threads.size() + " left");
                }
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        stopped = true;
        for (Socket socket : sockets) {
            try {
                socket.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** Asserts that every event that shippers sent is there exactly once, within {@code limit}. */
    static void assertStored(PostgresExtension postgres, long events, Duration limit) {
        long deadline = System.nanoTime() + limit.toNanos();
        while (postgres.count("log_event") < events && System.nanoTime() < deadline) {
            Await.pause(100);
        }
        var row = postgres.rows("select count(*) as n, count(distinct split_part(message, ' ', 1)) as ids,"
                        + " (select count(*) from dead_letter) as dead from log_event")
                .getFirst();
        if (!row.get("n").equals(events)
                || !row.get("ids").equals(events)
                || !row.get("dead").equals(0L)) {
            throw new AssertionError("sent " + events + ", stored " + row);
        }
    }
}
