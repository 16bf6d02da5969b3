package dev.sluice.store;

import java.util.ArrayList;
import java.util.List;
import reactor.core.publisher.Mono;

/**
 * Copies rows of which PostgreSQL has refused some, in one transaction all the same: each part stands behind a
 * savepoint, a refused part is halved, and a refused row becomes a dead letter. For deliveries with an id, whose rows
 * are committed together with it or not at all.
 */
final class CarefulCopy {

    private final List<Span> refused = new ArrayList<>();

    /** Rows of {@code dead_letter} for what was refused in the last try. */
    List<Span> refused() {
        return refused;
    }

    /** Copies everything. */
    Mono<Void> copy(LaneConnection open, Portion portion) {
        return Mono.defer(() -> {
            refused.clear();
            return open.checkAtOnce()
                    .then(part(open, portion.events()))
                    .then(open.copyDeadLetters(portion.deadLetters()))
                    .then(Mono.defer(() -> open.copyDeadLetters(List.copyOf(refused))));
        });
    }

    private Mono<Void> part(LaneConnection open, List<Span> rows) {
        return open.savepoint()
                .then(open.copyEvents(rows))
                .then(open.releaseSavepoint())
                .onErrorResume(error -> WriteFailure.of(error) instanceof WriteFailure.BadData refusal
                        ? open.rollbackToSavepoint().then(Mono.defer(() -> halve(open, rows, refusal)))
                        : Mono.error(error));
    }

    private Mono<Void> halve(LaneConnection open, List<Span> rows, WriteFailure.BadData refusal) {
        int count = Span.rows(rows);
        if (count == 1) {
            refused.add(RefusedRow.deadLetter(rows.getFirst(), refusal));
            return Mono.empty();
        }
        return part(open, Span.subset(rows, 0, count / 2)).then(part(open, Span.subset(rows, count / 2, count)));
    }
}
