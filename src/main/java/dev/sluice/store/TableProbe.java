package dev.sluice.store;

import dev.sluice.text.ByteWriter;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * Tells a bad row from a bad table: asks whether {@code log_event} takes rows that must be good, in a transaction that
 * is rolled back. The rows are the last one that was stored, and one of our own with something in every column; only a
 * table that refuses both is to blame. On the lane's event loop only.
 */
final class TableProbe {

    /** Rows that may be refused in a row before the table is asked, when the code is one of bad data. */
    static final int REFUSALS_MAX = 10;

    private static final int KEPT_BYTES_MAX = 4096;
    private static final int TIME_BYTES = Short.BYTES + 2 * (Integer.BYTES + Long.BYTES);

    private @Nullable Span stored;

    /** The codes for which a portion of the batch was divided, and those for which it came down to a row. */
    private final Set<String> suspected = new HashSet<>();

    private final Set<String> proven = new HashSet<>();
    private boolean vouched;
    private int refused;

    /** A batch begins, of which the table has taken nothing yet. */
    void begin() {
        vouched = false;
        suspected.clear();
        proven.clear();
    }

    /** All rows of this portion were stored. */
    void stored(Portion portion) {
        portion.firstEvents().ifPresent(first -> {
            took();
            int length = CopyFormat.skipRows(first.bytes(), first.from(), 1) - first.from();
            if (length <= KEPT_BYTES_MAX) {
                stored = Span.of(Arrays.copyOfRange(first.bytes(), first.from(), first.from() + length), 1);
            }
        });
    }

    /** It took a row. */
    void took() {
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

    /** Whether the table refuses rows that must be good as it refused the portion; fails when it cannot be asked. */
    Mono<Boolean> refusesAlike(LaneConnection open, Portion portion, WriteFailure.BadData refusal) {
        Span row = portion.firstEvents().orElseThrow();
        Span good = stored;
        return open.beginTrial()
                .then(good == null ? ours(open, row) : open.savepoint().then(theirs(open, row, good)))
                .thenReturn(false)
                .onErrorResume(error -> isAlike(WriteFailure.of(error, StoreObserver.Phase.COPY), refusal)
                        .map(Mono::just)
                        .orElseGet(() -> Mono.error(error)))
                .flatMap(alike -> open.rollback().thenReturn(alike))
                .doOnNext(alike -> {
                    if (!alike) {
                        took();
                    }
                });
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

    private static Mono<Void> theirs(LaneConnection open, Span row, Span good) {
        return Mono.defer(() -> open.copyEvents(List.of(moved(good, row))))
                .onErrorResume(error -> open.rollbackToSavepoint().then(ours(open, row)));
    }

    private static Mono<Void> ours(LaneConnection open, Span row) {
        return Mono.defer(() -> open.copyEvents(List.of(own(row))));
    }

    /** The same row in the day of the other. */
    private static Span moved(Span good, Span row) {
        byte[] bytes = good.bytes().clone();
        System.arraycopy(row.bytes(), row.from(), bytes, 0, TIME_BYTES);
        return Span.of(bytes, 1);
    }

    private static Span own(Span row) {
        ByteWriter out = new ByteWriter(256);
        out.put(row.bytes(), row.from(), TIME_BYTES);
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
