package dev.sluice.admin;

import dev.sluice.admin.status.SocketRoom;
import dev.sluice.rule.EventFilter;
import dev.sluice.tail.Tail;
import dev.sluice.tail.TailListener;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.reactivestreams.Publisher;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.http.CacheControl;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/**
 * {@code GET /tail}: events as they come out of the rules, a JSON object a line, until the client goes. What has
 * gathered is asked for ten times a second, and only while the socket takes it, so a client that is slow or frozen
 * holds one piece here and what {@link TailListener} keeps for it.
 */
public final class TailStream {

    static final Duration PERIOD = Duration.ofMillis(100);

    /** A line without anything after so many periods, so that a client that is gone is noticed: 15 s. */
    static final int SILENT_PERIODS_MAX = 150;

    private static final byte[] BLANK_LINE = {'\n'};
    private static final byte[] NOTHING = {};

    private final Tail tail;
    private final Sinks.Empty<Void> end = Sinks.empty();

    public TailStream(Tail tail) {
        this.tail = tail;
    }

    public ContentEndpoint endpoint() {
        return new ContentEndpoint(HttpMethod.GET, "/tail", Role.LOOK, this::answer);
    }

    /** Ends all streams: a service that stops waits for its answers. */
    public void end() {
        var _ = end.tryEmitEmpty(); // a second end finds it done
    }

    private Mono<ServerResponse> answer(ServerRequest request) {
        try {
            EventFilter filter = EventFilter.of(request.queryParams());
            return ServerResponse.ok()
                    .contentType(MediaType.APPLICATION_NDJSON)
                    .cacheControl(CacheControl.noStore())
                    .body((response, context) -> stream(filter, response));
        } catch (IllegalArgumentException wrong) {
            return ServerResponse.badRequest().contentType(MediaType.TEXT_PLAIN).bodyValue(wrong.getMessage() + "\n");
        }
    }

    private Mono<Void> stream(EventFilter filter, ServerHttpResponse response) {
        return Mono.defer(() -> {
            Optional<TailListener> opened = tail.open(filter);
            if (opened.isEmpty()) {
                response.setStatusCode(HttpStatus.SERVICE_UNAVAILABLE); // as many look as may
                return response.setComplete();
            }
            TailListener listener = opened.get();
            return response.writeAndFlushWith(pieces(listener, response)).doFinally(signal -> tail.close(listener));
        });
    }

    /** What there is to write, now and then; a blank line now and in each 15 s without anything else. */
    private Flux<Publisher<DataBuffer>> pieces(TailListener listener, ServerHttpResponse response) {
        SocketRoom room = SocketRoom.of(response);
        AtomicInteger silentPeriods = new AtomicInteger(SILENT_PERIODS_MAX);
        return Flux.interval(Duration.ZERO, PERIOD)
                .onBackpressureDrop()
                .takeUntilOther(end.asMono())
                .handle((tick, pieces) -> {
                    boolean hasRoom = room.isThere();
                    boolean isSilent = hasRoom && silentPeriods.incrementAndGet() > SILENT_PERIODS_MAX;
                    byte[] lines = hasRoom ? listener.take() : NOTHING;
                    if (lines.length > 0 || isSilent) {
                        silentPeriods.set(0);
                        pieces.next(Mono.just(response.bufferFactory().wrap(lines.length > 0 ? lines : BLANK_LINE)));
                    }
                });
    }
}
