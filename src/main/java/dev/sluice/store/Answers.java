package dev.sluice.store;

import io.r2dbc.postgresql.api.PostgresqlException;
import io.r2dbc.spi.R2dbcException;
import io.r2dbc.spi.Result;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** What the server said to a statement: rows that it changed, and the worst of its messages. */
record Answers(long changed, @Nullable RuntimeException worst) {

    /** Nothing said yet. */
    static final Answers NONE = new Answers(0, null);

    Answers and(Result.Segment segment) {
        return switch (segment) {
            case Result.UpdateCount count -> new Answers(changed + count.value(), worst);
            case Result.Message message -> new Answers(changed, worse(message.exception()));
            default -> this;
        };
    }

    /** Any error before any warning; what is less than a warning is nothing. */
    private @Nullable RuntimeException worse(R2dbcException next) {
        String severity = next instanceof PostgresqlException said
                ? said.getErrorDetails().getSeverityNonLocalized()
                : "ERROR";
        return switch (severity) {
            case "ERROR", "FATAL", "PANIC" -> next;
            case "WARNING" -> worst == null ? new CommitWarningException(next) : worst;
            default -> worst;
        };
    }

    Mono<Long> rows() {
        return worst == null ? Mono.just(changed) : Mono.error(worst);
    }
}
