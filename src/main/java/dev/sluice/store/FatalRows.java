package dev.sluice.store;

import dev.sluice.store.copy.Span;
import dev.sluice.store.failure.TransactionPhase;
import dev.sluice.store.failure.WriteFailure;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * Finds the rows of a unit that are fatal to the session: a trigger or an extension crashes or ends the backend when it
 * comes to them, or never comes back. The server says nothing about rows then, and a failover looks the same. So parts
 * of the rows are copied in transactions of their own that are rolled back; one that ends the session is halved.
 *
 * <p>A row is fatal when it was alone and ended the session three times in a row, and each time the same server, which
 * had not been started anew meanwhile, took another row right after it. On the lane's event loop only.
 */
final class FatalRows {

    /** As often a session has to end before anything is suspected, and again for a row before it is blamed. */
    static final int LOSSES_MIN = 3;

    /** The deadline of a batch by this is what a part of it may take; a row has all of it. */
    private static final int PART_LIMIT = 4;

    /** Of a statement that an operator ended, or a limit of time. */
    private static final String CANCELLED = "57014";

    /** A fatal row, and why it is one. */
    record Found(Span row, WriteFailure.BadData refusal) {}

    /** Rows that may have a fatal one among them. */
    private record Part(int from, int to) {
        boolean isSingle() {
            return to - from == 1;
        }
    }

    private final TableProbe probe;
    private final List<Span> rows;
    private final Duration limit;
    private final LongSupplier nanos;
    private final Deque<Part> parts = new ArrayDeque<>();
    private final List<Found> found = new ArrayList<>();

    /** Where the last trial ended the session; the server has not been asked since. */
    private @Nullable ServerRun lostAt;

    private WriteFailure loss;
    private int losses;
    private boolean givenUp;

    /**
     * Nothing was tried yet.
     *
     * @param rows those of which a copy ended the session
     * @param limit what a transaction may take
     * @param nanos a time that no clock of the day moves
     */
    FatalRows(TableProbe probe, List<Span> rows, Duration limit, LongSupplier nanos, WriteFailure loss) {
        this.probe = probe;
        this.rows = rows;
        this.limit = limit;
        this.nanos = nanos;
        this.loss = loss;
        divide(new Part(0, Span.rows(rows)));
    }

    /** What a failure is while a row is looked for: nothing that passes by itself. */
    static WriteFailure whileLookedFor(WriteFailure failure) {
        return new WriteFailure.Reconnect(failure.cause()
                .said("The session ended again and again while rows were copied, and one is looked for that is to"
                        + " blame: "));
    }

    /** The rows but for those that were found. */
    static List<Span> without(List<Span> rows, List<Found> fatal) {
        List<Span> rest = rows;
        for (Found each : fatal) {
            rest = Span.without(rest, each.row);
        }
        return rest;
    }

    /** Whether all rows have been looked at, or no more can be. */
    boolean isDone() {
        return parts.isEmpty();
    }

    List<Found> found() {
        return List.copyOf(found);
    }

    /** What the last loss says of the row that was copied. */
    WriteFailure.BadData refusal() {
        return new WriteFailure.BadData(
                loss.cause()
                        .said("Each time this row was copied alone, the session ended or the time was up, while other"
                                + " rows were taken: "),
                false);
    }

    /** Whether the last trial ended the session, so that the server is to be asked. */
    boolean isLost() {
        return lostAt != null;
    }

    /** Whether it ended because nothing can be found out now: the server was started anew, or takes no row at all. */
    boolean isGivenUp() {
        return givenUp;
    }

    /** One transaction. It fails when it ended the session or cannot be made now: take another connection then. */
    Mono<Void> step(LaneConnection open) {
        ServerRun lost = lostAt;
        lostAt = null;
        if (lost == null) {
            return tried(open, parts.element());
        }
        return lost.equals(open.server())
                ? probe.isWell(open, rows.getFirst(), limit)
                        .doOnNext(this::answered)
                        .then()
                : Mono.fromRunnable(this::giveUp);
    }

    private Mono<Void> tried(LaneConnection open, Part part) {
        Duration most = part.isSingle() ? limit : limit.dividedBy(PART_LIMIT);
        Mono<Boolean> copied = Mono.defer(() -> {
            long until = nanos.getAsLong() + most.toNanos();
            return open.copyEvents(Span.subset(rows, part.from, part.to))
                    .thenReturn(true)
                    .onErrorResume(error -> failed(open, error, nanos.getAsLong() - until >= 0));
        });
        return open.beginTrial(most)
                .then(copied)
                .flatMap(taken -> open.rollback().thenReturn(taken))
                .doOnNext(this::passed)
                .then();
    }

    /** False when it was refused, in whatever way; an error when nothing is known. */
    private Mono<Boolean> failed(LaneConnection open, Throwable error, boolean isLate) {
        WriteFailure failure = WriteFailure.of(error, TransactionPhase.COPY);
        // An operator may end a statement, too, and a trigger may say that one did.
        boolean isLimit = isLate
                && failure instanceof WriteFailure.Retry
                && failure.cause().sqlState().equals(CANCELLED);
        if (!failure.cause().answered() || isLimit) {
            lostAt = open.server();
            loss = failure;
        }
        return failure instanceof WriteFailure.BadData || failure instanceof WriteFailure.MissingPartition
                ? Mono.just(false)
                : Mono.error(error);
    }

    /** A refusal is for others to see to; but what follows the refused row was not looked at. */
    private void passed(boolean taken) {
        Part part = parts.pop();
        losses = 0;
        if (!taken && !part.isSingle()) {
            divide(part);
        }
    }

    private void giveUp() {
        givenUp = true;
        parts.clear();
    }

    /** The same server still takes rows, or takes none. */
    private void answered(boolean isWell) {
        if (!isWell) {
            giveUp();
            return;
        }
        Part part = parts.element();
        if (!part.isSingle()) {
            parts.pop();
            divide(part);
        } else if (++losses >= LOSSES_MIN) {
            parts.pop();
            losses = 0;
            found.add(new Found(Span.subset(rows, part.from, part.to).getFirst(), refusal()));
        }
    }

    private void divide(Part part) {
        int middle = (part.from + part.to) >>> 1;
        parts.push(new Part(middle, part.to));
        if (middle > part.from) {
            parts.push(new Part(part.from, middle));
        }
    }
}
