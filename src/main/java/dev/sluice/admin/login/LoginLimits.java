package dev.sluice.admin.login;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import reactor.core.publisher.Mono;
import reactor.core.publisher.SignalType;

/**
 * Bounds how often somebody may guess: an address so often a minute, all addresses together so often, and so many at a
 * time. A login that is right costs nothing of that. Who is logged in by a session is not asked here.
 */
final class LoginLimits implements WebFilter {

    static final int FAILURES_PER_ADDRESS = 10;
    static final int FAILURES_MAX = 60;
    static final int AT_ONCE_MAX = 8;
    static final long WINDOW_NANOS = TimeUnit.MINUTES.toNanos(1);

    private static final int IPV6_GROUP_BYTES = 8;

    private final LongSupplier clock;

    /** Attempts of this minute that failed, or are not decided; no more entries than attempts are allowed. */
    private final Map<String, Integer> attempts = new HashMap<>();

    private long windowNanos;
    private int all;
    private int atOnce;

    LoginLimits(LongSupplier clock) {
        this.clock = clock;
        windowNanos = clock.getAsLong();
    }

    @Override
    public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
        ServerHttpRequest request = exchange.getRequest();
        if (!isAttempt(request)) {
            return chain.filter(exchange);
        }
        String who = group(request.getRemoteAddress());
        return Mono.defer(() -> {
            if (!begin(who)) {
                return tooMany(exchange.getResponse());
            }
            AtomicBoolean isOver = new AtomicBoolean();
            Consumer<Boolean> over = hasFailed -> {
                if (isOver.compareAndSet(false, true)) {
                    end(who, hasFailed);
                }
            };
            // at the answer's beginning: that of a tail may not end for hours
            exchange.getResponse().beforeCommit(() -> Mono.fromRunnable(() -> over.accept(isRefused(exchange))));
            // who goes before the answer has guessed: the password is compared nevertheless
            return chain.filter(exchange)
                    .doFinally(signal -> over.accept(signal == SignalType.CANCEL || isRefused(exchange)));
        });
    }

    private static boolean isRefused(ServerWebExchange exchange) {
        return exchange.getResponse().getStatusCode() == HttpStatus.UNAUTHORIZED;
    }

    /** Whatever may carry a password: a path has many spellings, so it is not asked. What is no 401 costs nothing. */
    private static boolean isAttempt(ServerHttpRequest request) {
        return request.getHeaders().containsHeader(HttpHeaders.AUTHORIZATION)
                || !request.getMethod().equals(HttpMethod.GET);
    }

    /** Whether this one may try. */
    synchronized boolean begin(String who) {
        long now = clock.getAsLong();
        if (now - windowNanos >= WINDOW_NANOS) {
            windowNanos = now;
            all = 0;
            attempts.clear();
        }
        int mine = attempts.getOrDefault(who, 0);
        if (mine >= FAILURES_PER_ADDRESS || all >= FAILURES_MAX || atOnce >= AT_ONCE_MAX) {
            return false;
        }
        attempts.put(who, mine + 1);
        all++;
        atOnce++;
        return true;
    }

    /** It was decided; the attempts of a minute that is over are forgotten already. */
    synchronized void end(String who, boolean hasFailed) {
        atOnce--;
        Integer mine = attempts.get(who);
        if (!hasFailed && mine != null) {
            attempts.put(who, Math.max(0, mine - 1));
            all = Math.max(0, all - 1);
        }
    }

    /** Of IPv6 the /64: who has one address there has all of them. */
    static String group(@Nullable InetSocketAddress remote) {
        InetAddress address = remote == null ? null : remote.getAddress();
        if (address == null) {
            return "unknown";
        }
        byte[] bytes = address.getAddress();
        return HexFormat.of()
                .formatHex(bytes.length > IPV6_GROUP_BYTES ? Arrays.copyOf(bytes, IPV6_GROUP_BYTES) : bytes);
    }

    private static Mono<Void> tooMany(ServerHttpResponse response) {
        response.setStatusCode(HttpStatus.TOO_MANY_REQUESTS);
        response.getHeaders().set(HttpHeaders.RETRY_AFTER, "60");
        response.getHeaders().setContentType(MediaType.TEXT_PLAIN);
        byte[] text = "Too many logins failed; try again in a minute.\n".getBytes(StandardCharsets.US_ASCII);
        return response.writeWith(Mono.just(response.bufferFactory().wrap(text)));
    }
}
