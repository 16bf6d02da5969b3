package dev.sluice.admin.status;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferFactory;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Schedulers;

/**
 * Pushes the newest picture to those who look, each second. One who is slow is passed over until what was written there
 * is read, and gets what is newest then.
 */
public final class StatusStream {

    /** At a time. */
    static final int LOOKERS_MAX = 20;

    private static final Duration PERIOD = Duration.ofSeconds(1);

    private static final byte[] BEGIN = "data: ".getBytes(US_ASCII);
    private static final byte[] END = "\n\n".getBytes(US_ASCII);
    private static final long NEVER = -1;

    private final Supplier<byte[]> source;

    /** A little less than a period, for a timer is not exact. */
    private final long freshNanos;

    private final AtomicInteger lookers = new AtomicInteger();
    private final Sinks.Empty<Void> end = Sinks.empty();
    private final Flux<Long> ticks;
    private @Nullable Picture newest;

    /** A stream of what {@code source} gives, which is asked once a second at most. */
    public StatusStream(Supplier<byte[]> source) {
        this(source, PERIOD);
    }

    StatusStream(Supplier<byte[]> source, Duration period) {
        this.source = source;
        freshNanos = period.toNanos() * 9 / 10;
        ticks = Flux.interval(period, Schedulers.boundedElastic())
                .onBackpressureDrop()
                .publish(1)
                .refCount(1);
    }

    /** Ends all streams: a service that stops waits for its answers. */
    public void end() {
        var _ = end.tryEmitEmpty(); // a second end finds it done
    }

    /** How many look. */
    int lookers() {
        return lookers.get();
    }

    /** The stream, or one picture for those who ask for JSON. */
    public Mono<ServerResponse> answer(ServerRequest request) {
        List<MediaType> accepted = request.headers().accept();
        boolean isStream = accepted.stream()
                .anyMatch(type -> type.isCompatibleWith(MediaType.TEXT_EVENT_STREAM) && !type.isWildcardType());
        return isStream
                ? ServerResponse.ok()
                        .contentType(MediaType.TEXT_EVENT_STREAM)
                        .body((response, context) -> push(response))
                : picture()
                        .flatMap(picture -> ServerResponse.ok()
                                .contentType(MediaType.APPLICATION_JSON)
                                .bodyValue(picture.json()));
    }

    private Mono<Void> push(ServerHttpResponse response) {
        return Mono.defer(() -> {
            if (lookers.incrementAndGet() > LOOKERS_MAX) {
                lookers.decrementAndGet();
                response.setStatusCode(HttpStatus.SERVICE_UNAVAILABLE);
                return response.setComplete();
            }
            return response.writeAndFlushWith(pictures(response)).doFinally(signal -> lookers.decrementAndGet());
        });
    }

    private Flux<Publisher<DataBuffer>> pictures(ServerHttpResponse response) {
        return Flux.defer(() -> {
            Looker looker = new Looker();
            SocketRoom room = SocketRoom.of(response);
            return ticks.startWith(NEVER)
                    .takeUntilOther(end.asMono())
                    .onBackpressureLatest()
                    .filter(tick -> room.isThere())
                    .map(tick -> looker.next(response.bufferFactory()));
        });
    }

    private Mono<Picture> picture() {
        return Mono.fromSupplier(this::fresh).subscribeOn(Schedulers.boundedElastic());
    }

    private synchronized Picture fresh() {
        Picture known = newest;
        if (known == null || System.nanoTime() - known.nanos >= freshNanos) {
            known = Picture.of(source.get());
            newest = known;
        }
        return known;
    }

    /** What is written to those who look. */
    private record Picture(long nanos, byte[] event) {

        static Picture of(byte[] json) {
            byte[] event = new byte[BEGIN.length + json.length + END.length];
            System.arraycopy(BEGIN, 0, event, 0, BEGIN.length);
            System.arraycopy(json, 0, event, BEGIN.length, json.length);
            System.arraycopy(END, 0, event, BEGIN.length + json.length, END.length);
            return new Picture(System.nanoTime(), event);
        }

        byte[] json() {
            return Arrays.copyOfRange(event, BEGIN.length, event.length - END.length);
        }
    }

    /** One who looks, and what was last sent there. */
    private final class Looker {
        private long seenNanos;

        /** What is newest when it is this one's turn to be written; nothing if that was written before. */
        Mono<DataBuffer> next(DataBufferFactory buffers) {
            return picture().filter(picture -> picture.nanos != seenNanos).map(picture -> {
                seenNanos = picture.nanos;
                return buffers.wrap(picture.event);
            });
        }
    }
}
