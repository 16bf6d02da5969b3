package dev.sluice.store;

import dev.sluice.store.batch.WriteUnit;
import dev.sluice.store.copy.CopyFormat;
import dev.sluice.store.copy.KeptRow;
import dev.sluice.store.copy.NeighbourRow;
import dev.sluice.store.copy.Span;
import dev.sluice.store.failure.TransactionPhase;
import dev.sluice.store.failure.WriteFailure;
import dev.sluice.text.ByteWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Tells a bad row from a bad table: asks whether {@code log_event} takes rows that must be good, in a transaction that
 * is rolled back. Those are the last one that any lane stored, one that the table has, and one of our own with
 * something in every column. A trigger of the database's owner may refuse just ours, so when nothing else is known of
 * the table some rows of the batch are tried, too: only a table that takes none of all is to blame. On the lane's event
 * loop only.
 */
final class TableProbe {

    /** Rows that may be refused in a row before the table is asked, when the code is one of bad data. */
    static final int REFUSALS_MAX = 10;

    /** What is asked. */
    private enum Question {
        STORED_LAST,
        STORED_BEFORE,
        OUR_OWN,
        OF_THE_BATCH
    }

    /** Rows of the batch that are tried each time; each is an error in the server's log. */
    private static final int NEIGHBOURS = 16;

    /** The golden ratio of 32 bits: its multiples come close to every row, wherever the good ones are. */
    private static final long STRIDE = 0x9E37_79B9L;

    private final KeptRow kept;

    /** The codes for which a unit of the batch was divided, and those for which it came down to a row. */
    private final Set<String> suspected = new HashSet<>();

    private final Set<String> proven = new HashSet<>();

    /** How often in a row the connection was lost over a question. */
    private final Map<Question, Integer> losses = new EnumMap<>(Question.class);

    private List<Span> batch = List.of();
    private long tried;
    private boolean vouched;
    private int refused;

    TableProbe(KeptRow kept) {
        this.kept = kept;
    }

    /** A batch begins, of which the table has taken nothing yet. */
    void begin(WriteUnit whole) {
        batch = whole.allEvents();
        tried = 0;
        vouched = false;
        suspected.clear();
        proven.clear();
        losses.clear();
    }

    /** It ended: nothing of it is held. */
    void end() {
        batch = List.of();
    }

    /** All rows of this unit were stored; of identified deliveries those of {@code fresh}, now and not before. */
    void stored(WriteUnit unit, Set<UUID> fresh) {
        WriteUnit copied = unit.isIdentified() ? unit.only(fresh) : unit;
        copied.firstEvents().ifPresent(this::took);
    }

    /** It took these rows. */
    void took(Span rows) {
        took();
        kept.keep(rows);
    }

    private void took() {
        vouched = true;
        refused = 0;
    }

    /** It refused several rows, of which some are to blame. */
    void suspects(WriteFailure.BadData refusal) {
        suspected.add(refusal.cause().sqlState());
    }

    /** It refused a row, which is to blame for it. */
    void refused(WriteFailure.BadData refusal) {
        refused++;
        proven.add(refusal.cause().sqlState());
    }

    /** Whether the same was found out before in this batch, so that it need not be tried again and again. */
    boolean isKnown(WriteFailure.BadData refusal, boolean single) {
        return (single ? proven : suspected).contains(refusal.cause().sqlState());
    }

    /** Whether it has to be asked before another row is blamed. */
    boolean isNeeded(WriteFailure.BadData refusal) {
        return refused >= REFUSALS_MAX || (refusal.mayPass() && !vouched);
    }

    /** Whether the table refuses rows that must be good as it refused the unit; fails when it cannot be asked. */
    Mono<Boolean> refusesAlike(LaneConnection open, WriteUnit unit, WriteFailure.BadData refusal) {
        Span row = unit.firstEvents().orElseThrow();
        return open.beginTrial()
                .then(open.savepoint())
                .then(takesKnown(open, row))
                .flatMap(taken ->
                        taken ? Mono.just(false) : answer(Question.OUR_OWN, refusesOurs(open, row, refusal), true))
                .flatMap(alike -> alike
                        ? answer(Question.OF_THE_BATCH, takesNeighbour(open), false)
                                .map(taken -> !taken)
                        : Mono.just(false))
                .flatMap(alike -> alike ? Mono.just(true) : open.check().thenReturn(false))
                .flatMap(alike -> open.rollback().thenReturn(alike))
                .doOnNext(alike -> {
                    losses.clear(); // it was answered: next time all may be asked again
                    if (!alike) {
                        took();
                    }
                });
    }

    /** Whether the table takes any row that must be good; fails when it cannot be asked. */
    Mono<Boolean> isWell(LaneConnection open, Span row, Duration limit) {
        return open.beginTrial(limit)
                .then(open.savepoint())
                .then(answer(Question.OUR_OWN, takes(open, own(row)), false))
                .flatMap(taken -> taken ? Mono.just(true) : takesKnown(open, row))
                .flatMap(taken -> open.rollback().thenReturn(taken));
    }

    private Mono<Boolean> takesKnown(LaneConnection open, Span row) {
        Span good = kept.row();
        Mono<Boolean> last =
                good == null ? Mono.just(false) : answer(Question.STORED_LAST, takes(open, moved(good, row)), false);
        Mono<Boolean> before = answer(Question.STORED_BEFORE, unless(open, takesOldOne(open, row)), false);
        return last.flatMap(taken -> taken ? Mono.just(true) : before);
    }

    /**
     * A question that cost the connection too often is not asked, since the row that it is asked with may be one that
     * ends the session, and the answer would never come.
     */
    private Mono<Boolean> answer(Question question, Mono<Boolean> asked, boolean unasked) {
        return Mono.defer(() -> losses.getOrDefault(question, 0) >= FatalRows.LOSSES_MIN
                ? Mono.just(unasked)
                : asked.doOnNext(answered -> losses.remove(question))
                        .doOnError(lost -> losses.merge(question, 1, Integer::sum)));
    }

    private static Mono<Boolean> takesOldOne(LaneConnection open, Span row) {
        return open.neighbour(time(row))
                .flatMap(found ->
                        open.copyEvents(List.of(NeighbourRow.of(found, row))).thenReturn(true))
                .defaultIfEmpty(false);
    }

    private static Mono<Boolean> refusesOurs(LaneConnection open, Span row, WriteFailure.BadData refusal) {
        return Mono.defer(() -> open.copyEvents(List.of(own(row))))
                .thenReturn(false)
                .onErrorResume(error -> isAlike(WriteFailure.of(error, TransactionPhase.COPY), refusal)
                        .map(alike -> open.rollbackToSavepoint().thenReturn(alike))
                        .orElseGet(() -> Mono.error(error)));
    }

    /** What a row of the batch is refused for says nothing, because it may be as bad as the other. */
    private Mono<Boolean> takesNeighbour(LaneConnection open) {
        int rows = Span.rows(batch);
        return rows == 0
                ? Mono.just(false)
                : Flux.range(0, Math.min(NEIGHBOURS, 2 * rows))
                        .concatMap(
                                ignored -> {
                                    int index = (int) (((tried++ * STRIDE & 0xFFFF_FFFFL) * rows) >>> 32);
                                    return takes(
                                            open,
                                            Span.subset(batch, index, index + 1).getFirst());
                                },
                                1)
                        .takeUntil(taken -> taken)
                        .reduce(false, Boolean::logicalOr);
    }

    private static Mono<Boolean> takes(LaneConnection open, Span row) {
        return unless(open, Mono.defer(() -> open.copyEvents(List.of(row))).thenReturn(true));
    }

    /** False when it was refused, and undone; what ends the connection ends the question. */
    private static Mono<Boolean> unless(LaneConnection open, Mono<Boolean> copy) {
        return copy.onErrorResume(error -> open.rollbackToSavepoint().thenReturn(false));
    }

    /** Nothing for an answer that says nothing about rows. */
    private static Optional<Boolean> isAlike(WriteFailure answer, WriteFailure.BadData refusal) {
        return switch (answer) {
            case WriteFailure.BadData own ->
                Optional.of(own.cause().sqlState().equals(refusal.cause().sqlState()));
            case WriteFailure.MissingPartition missing -> Optional.of(false);
            default -> Optional.empty();
        };
    }

    private static Instant time(Span row) {
        long micros = CopyFormat.longAt(row.bytes(), row.from() + Short.BYTES + Integer.BYTES);
        return Instant.EPOCH.plus(CopyFormat.epochMicros(micros), ChronoUnit.MICROS);
    }

    /** The same row in the day of the other. */
    private static Span moved(Span good, Span row) {
        byte[] bytes = good.bytes().clone();
        System.arraycopy(row.bytes(), row.from(), bytes, 0, CopyFormat.TIMES_BYTES);
        return Span.of(bytes, 1);
    }

    private static Span own(Span row) {
        ByteWriter out = new ByteWriter(256);
        out.put(row.bytes(), row.from(), CopyFormat.TIMES_BYTES);
        for (int smallint = 0; smallint < 2; smallint++) {
            out.putInt(Short.BYTES);
            out.putShort(1);
        }
        for (String text : List.of("sluice", "sluice", "1", "probe", "a row of our own")) {
            text(out, text);
        }
        text(out, (char) CopyFormat.JSONB_VERSION + "{}");
        text(out, "sluice");
        text(out, "sluice");
        return Span.of(out.toByteArray(), 1);
    }

    private static void text(ByteWriter out, String value) {
        byte[] bytes = value.getBytes(StandardCharsets.US_ASCII);
        out.putInt(bytes.length);
        out.put(bytes);
    }
}
