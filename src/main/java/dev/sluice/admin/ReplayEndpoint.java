package dev.sluice.admin;

import dev.sluice.replay.Replay;
import dev.sluice.replay.ReplayException;
import dev.sluice.replay.ReplayReport;
import dev.sluice.replay.ReplayRequest;
import dev.sluice.store.ReplayOutcome;
import dev.sluice.store.ReplayedLetter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.ParameterizedTypeReference;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import tools.jackson.databind.json.JsonMapper;

/**
 * {@code POST /replay}: dead letters come back, or it is shown what would become of them. A run that takes long writes
 * blank lines before its answer, so that nobody takes the connection for dead. When the client goes, or the service
 * stops, the run ends after its batch.
 */
public final class ReplayEndpoint {

    private static final Logger LOG = LoggerFactory.getLogger(ReplayEndpoint.class);

    /** Less than the HTTP port waits for the beginning of an answer. */
    private static final Duration PERIOD = Duration.ofSeconds(5);

    private static final byte[] BLANK_LINE = {'\n'};
    private static final String APPLY = "apply";
    private static final String ERROR = "error";
    private static final ParameterizedTypeReference<Map<String, Object>> FIELDS = new ParameterizedTypeReference<>() {};

    private final Replay replay;
    private final JsonMapper json;
    private volatile boolean isEnded;

    /** Replays by {@code replay}. */
    public ReplayEndpoint(Replay replay, JsonMapper json) {
        this.replay = replay;
        this.json = json;
    }

    /** How it came out. */
    private record Answer(HttpStatus status, Map<String, Object> fields) {}

    public ContentEndpoint endpoint() {
        return new ContentEndpoint(HttpMethod.POST, "/replay", Role.REPLAY, this::answer);
    }

    /** Ends the run that is on after its batch, and lets none begin. */
    public void end() {
        isEnded = true;
    }

    private Mono<ServerResponse> answer(ServerRequest request) {
        return request.bodyToMono(FIELDS)
                .defaultIfEmpty(Map.of())
                .flatMap(this::replay)
                .onErrorResume(
                        IllegalArgumentException.class,
                        mistake -> ServerResponse.badRequest()
                                .contentType(MediaType.TEXT_PLAIN)
                                .bodyValue(mistake.getMessage() + "\n"));
    }

    private Mono<ServerResponse> replay(Map<String, Object> fields) {
        Map<String, String> written = new LinkedHashMap<>();
        fields.forEach((name, value) -> written.put(name, String.valueOf(value)));
        boolean apply = isTrue(written.remove(APPLY));
        ReplayRequest asked = ReplayRequest.of(written);
        AtomicBoolean isGone = new AtomicBoolean();
        Mono<Answer> run = replay.run(asked, apply, () -> isEnded || isGone.get())
                .map(report -> new Answer(HttpStatus.OK, fields(report)))
                .onErrorResume(error -> Mono.just(failed(error)))
                .cache(); // what was begun goes on to the end of its batch, also when nobody waits for it
        return run.timeout(PERIOD, Mono.empty())
                .flatMap(done -> ServerResponse.status(done.status)
                        .contentType(MediaType.APPLICATION_JSON)
                        .bodyValue(done.fields))
                .switchIfEmpty(ServerResponse.ok()
                        .contentType(MediaType.APPLICATION_JSON)
                        .body((response, context) -> response.writeAndFlushWith(waited(run, response))
                                .doOnCancel(() -> isGone.set(true))))
                .doOnCancel(() -> isGone.set(true));
    }

    private static boolean isTrue(@Nullable String value) {
        if (value == null || value.equals("false")) {
            return false;
        }
        if (value.equals("true")) {
            return true;
        }
        throw new IllegalArgumentException(APPLY + " is \"" + value + "\", expected true or false");
    }

    /** Blank lines, which JSON may begin with, and then how it came out. */
    private Flux<Publisher<DataBuffer>> waited(Mono<Answer> run, ServerHttpResponse response) {
        Flux<byte[]> blanks = Flux.interval(Duration.ZERO, PERIOD)
                .onBackpressureDrop()
                .map(tick -> BLANK_LINE)
                .takeUntilOther(run);
        return blanks.concatWith(run.map(done -> json.writeValueAsBytes(done.fields)))
                .map(bytes -> Mono.just(response.bufferFactory().wrap(bytes)));
    }

    private static Answer failed(Throwable error) {
        if (error instanceof Replay.RunningException) {
            return new Answer(HttpStatus.CONFLICT, Map.of(ERROR, "A replay is running already."));
        }
        LOG.warn("A replay ended before its end: {}", error.toString());
        Map<String, Object> fields =
                error instanceof ReplayException broken ? fields(broken.report()) : new HashMap<>();
        fields.put(ERROR, "It ended before its end; what is said here is done. " + error.getMessage());
        return new Answer(HttpStatus.SERVICE_UNAVAILABLE, fields);
    }

    private static Map<String, Object> fields(ReplayReport report) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("applied", report.applied());
        fields.put("gone", report.count(ReplayOutcome.STORED) + report.count(ReplayOutcome.FILTERED));
        fields.put("stays", report.staying());
        fields.put("events", report.events());
        fields.put("deadLetters", report.deadLetters());
        List<Map<String, Object>> outcomes = new ArrayList<>();
        report.counts()
                .forEach((reason, counts) -> counts.forEach((outcome, count) ->
                        outcomes.add(Map.of("reason", reason, "outcome", outcome.label(), "count", count))));
        fields.put("outcomes", outcomes);
        fields.put("newReasons", report.newReasons());
        fields.put("examples", report.examples().stream().map(Example::of).toList());
        return fields;
    }

    /** A dead letter as the answer shows it. */
    private record Example(
            String reason,
            String outcome,
            @Nullable String newReason,
            @Nullable String detail) {
        static Example of(ReplayedLetter letter) {
            return new Example(letter.reason(), letter.outcome().label(), letter.newReason(), letter.detail());
        }
    }
}
