package dev.sluice.config;

import dev.sluice.event.RowGrowth;
import dev.sluice.listen.TcpListener;
import dev.sluice.listen.budget.MemoryBudget;
import dev.sluice.listen.intake.FramedRead;
import dev.sluice.listen.tls.TlsCredentials;
import dev.sluice.store.StoreSettings;
import java.util.Map;
import org.springframework.util.unit.DataSize;

/**
 * The most memory that everything together may hold, in bytes: computed at start-up, logged in one line, and refused
 * when the JVM's heap or direct memory cannot hold it.
 *
 * @param budget what was read and is not yet stored, a Forward message that passes the share of the rows included
 * @param connections what every connection may read without a grant, twice
 * @param tls what TLS takes for each connection
 * @param reserve one longest frame, read beyond the budget so that partial frames cannot block each other
 * @param scratch where event loops frame, workers encode, and lanes join small pieces into COPY messages and gather the
 *     dead letters of refused rows
 * @param application Spring, Netty, the few connections of the HTTP port, everything that does not grow with the load
 * @param direct receive buffers of the event loops, what they decrypt, headers of proxies that are not complete, and
 *     what the database driver sends ahead
 */
public record MemoryCeiling(
        long budget, long connections, long tls, long reserve, long scratch, long application, long direct) {

    private static final long APPLICATION_BYTES = 28L << 20;
    private static final long READ_BYTES = 64L << 10;
    private static final long CONNECTION_BYTES = 2L * MemoryBudget.UNRESERVED_READ_BYTES;
    private static final long LOOP_SCRATCH_BYTES = READ_BYTES + (16L << 10);

    /** The driver encodes up to 32 COPY messages of 64 KiB ahead of the socket. */
    private static final long LANE_AHEAD_BYTES = 32 * READ_BYTES;

    /** What may be held by so many connections, with {@code loops} event loops and rules of this growth. */
    public static MemoryCeiling of(SluiceProperties properties, ConnectionLimits limits, int loops, RowGrowth growth) {
        requireRowsFit(properties.pipeline().memory(), growth);
        long connections = 0;
        long tls = 0;
        long reserve = 0;
        long frameMax = 0;
        long headers = 0;
        long decrypted = 0;
        for (Map.Entry<String, ListenerProperties> entry :
                properties.listeners().entrySet()) {
            ListenerProperties listener = entry.getValue();
            long limit = limits.of(entry.getKey());
            connections += limit * CONNECTION_BYTES;
            reserve = Math.max(reserve, reserve(listener, properties.forward()) + READ_BYTES);
            if (listener.tls().isOn()) {
                tls += limit * TlsCredentials.CONNECTION_BYTES_MAX;
                decrypted = loops * READ_BYTES;
            }
            headers += limit * headerPerConnection(listener);
            frameMax = Math.max(frameMax, listener.maxFrame().toBytes());
        }
        long encoding = growth.encodedPerByte() * (frameMax + READ_BYTES);
        long lanesAhead = properties.store().lanes() * LANE_AHEAD_BYTES;
        long deadLetters = (long) properties.store().lanes() * StoreSettings.DEAD_LETTER_BYTES_MAX;
        return new MemoryCeiling(
                budget(properties),
                connections,
                tls,
                reserve,
                loops * LOOP_SCRATCH_BYTES
                        + decrypted
                        + properties.pipeline().workerCount() * encoding
                        + lanesAhead
                        + deadLetters,
                APPLICATION_BYTES,
                loops * READ_BYTES + decrypted + lanesAhead + headers);
    }

    /** Bytes of heap that one more connection of this listener may take. */
    static long perConnection(ListenerProperties listener) {
        return CONNECTION_BYTES + (listener.tls().isOn() ? TlsCredentials.CONNECTION_BYTES_MAX : 0);
    }

    /** Bytes of direct memory that one more connection of this listener may take. */
    static long headerPerConnection(ListenerProperties listener) {
        return listener.proxies() == null ? 0 : TcpListener.HEADER_BYTES_MAX;
    }

    /**
     * Refuses rules that add so much to each event that a batch of short frames could pass the budget's share of rows:
     * one that does is let through when nothing else is held.
     */
    private static void requireRowsFit(DataSize memory, RowGrowth growth) {
        long rows = new MemoryBudget(memory.toBytes()).rowLimit();
        if ((long) growth.perEvent() * FramedRead.BATCH_FRAMES_MAX > rows) {
            throw new StartupException(
                    "The rules may add " + growth.perEvent() + " bytes to each event, but sluice.pipeline.memory "
                            + megabytes(memory.toBytes()) + " has room for " + rows / FramedRead.BATCH_FRAMES_MAX + ".",
                    "Shorten what they add, or raise sluice.pipeline.memory.");
        }
    }

    /** The longest frame; a long one grows by quarters while it comes. */
    private static long reserve(ListenerProperties listener, SluiceProperties.Forward forward) {
        long chunk = forward.maxChunk().toBytes();
        long frame = Math.max(listener.maxFrame().toBytes(), listener.takesForward() ? chunk + chunk / 4 : 0);
        return frame + (listener.tls().isOn() ? TlsCredentials.RECORD_BYTES_MAX : 0);
    }

    /** The budget, and by how much a single Forward message may pass its share of rows. */
    private static long budget(SluiceProperties properties) {
        MemoryBudget budget = new MemoryBudget(properties.pipeline().memory().toBytes());
        boolean takesForward = properties.listeners().values().stream().anyMatch(ListenerProperties::takesForward);
        long alone = takesForward ? properties.forwardLimits().decodedBytesMax() : 0;
        return budget.limit() + Math.max(0, alone - budget.rowLimit());
    }

    /** Bytes of heap. */
    long heap() {
        return budget + connections + tls + reserve + scratch + application;
    }

    /** Refuses a JVM that cannot hold it. */
    public void requireFits(long heapMax, long directMax) {
        if (heap() > heapMax || direct > directMax) {
            throw new StartupException(
                    "The memory ceiling is " + this + ", but the JVM has heap " + megabytes(heapMax) + " and direct "
                            + megabytes(directMax) + ".",
                    "Give it more (-Xmx, -XX:MaxDirectMemorySize), or lower "
                            + (tls > budget / 2
                                    ? "sluice.listeners.*.max-connections: TLS is what costs, "
                                            + TlsCredentials.CONNECTION_BYTES_MAX / 1024 + " KB for each of them."
                                    : "sluice.pipeline.memory, sluice.listeners.*.max-connections or max-frame."));
        }
    }

    @Override
    public String toString() {
        return "heap " + megabytes(heap()) + " (sluice.pipeline.memory " + megabytes(budget) + ", connections "
                + megabytes(connections) + (tls == 0 ? "" : ", TLS of connections " + megabytes(tls)) + ", reserve "
                + megabytes(reserve) + ", scratch " + megabytes(scratch)
                + ", application " + megabytes(application) + "), direct " + megabytes(direct);
    }

    private static String megabytes(long bytes) {
        return DataSize.ofBytes(bytes).toMegabytes() + " MB";
    }
}
