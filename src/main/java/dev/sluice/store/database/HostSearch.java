package dev.sluice.store.database;

import static java.util.Objects.requireNonNull;

import io.r2dbc.postgresql.PostgresqlConnectionConfiguration;
import io.r2dbc.postgresql.PostgresqlConnectionFactory;
import io.r2dbc.postgresql.api.PostgresqlConnection;
import io.r2dbc.spi.R2dbcException;
import io.r2dbc.spi.Readable;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * One search for the host that takes writes: all are asked at once, on one event loop, and so the fields need no lock.
 * The first that can write wins; those that did not answer yet get a moment more, because one of them may be newer.
 * While a host hangs, the others are asked again and again, because one of them may be promoted meanwhile.
 */
final class HostSearch {

    /** How long the others have when a primary has answered. */
    private static final Duration SETTLE = Duration.ofMillis(500);

    private static final Duration ASK_AGAIN = Duration.ofMillis(500);

    private static final String STATE = "select pg_is_in_recovery() as standby,"
            + " current_setting('transaction_read_only')::boolean as read_only";

    /** May fail: not every server has these functions, nor may every role call them. */
    private static final String TIMELINE =
            "select system_identifier, pg_walfile_name(pg_current_wal_lsn()) as wal_file from pg_control_system()";

    /** Not supported, unknown, forbidden, not in this state, or an error of a server that is none of PostgreSQL's. */
    private static final Set<String> FINAL = Set.of("0A", "42", "55000", "XX");

    private final List<HostAddress> hosts;
    private final Function<HostAddress, PostgresqlConnectionConfiguration.Builder> login;
    private final Duration limit;
    private final LaneLoop loop;
    private final HostChoice choice;
    private final Map<HostAddress, HostConnection> writable = new HashMap<>();
    private boolean isDecided;

    HostSearch(
            List<HostAddress> hosts,
            Function<HostAddress, PostgresqlConnectionConfiguration.Builder> login,
            Duration limit,
            Timelines timelines,
            LaneLoop loop) {
        this.hosts = hosts;
        this.login = login;
        this.limit = limit;
        this.loop = loop;
        choice = new HostChoice(hosts, timelines);
    }

    /** Runs the search; subscribe once. */
    Mono<HostConnection> run() {
        return Flux.fromIterable(hosts)
                .flatMap(this::askUntilItWrites, hosts.size(), 1)
                .takeUntil(answer -> choice.isOver())
                .publish(answers -> answers.takeUntilOther(settled(answers)))
                .then(Mono.defer(this::decide))
                .doOnCancel(this::abandoned)
                .subscribeOn(loop.scheduler());
    }

    /** How the hosts answered. */
    HostChoice choice() {
        return choice;
    }

    private Mono<HostAnswer> settled(Flux<HostAnswer> answers) {
        return answers.filter(HostAnswer.Primary.class::isInstance)
                .next()
                .delayElement(SETTLE, loop.scheduler())
                .switchIfEmpty(Mono.never());
    }

    private Flux<HostAnswer> askUntilItWrites(HostAddress host) {
        return ask(host)
                .doOnNext(answer -> choice.answered(host, answer))
                .repeatWhen(answered -> answered.delayElements(ASK_AGAIN, loop.scheduler()))
                .takeUntil(HostAnswer.Primary.class::isInstance);
    }

    private Mono<HostAnswer> ask(HostAddress host) {
        return Mono.defer(() -> {
            LaneLoop sockets = loop.nested();
            return Mono.fromCallable(() -> factory(host, sockets))
                    .subscribeOn(Schedulers.boundedElastic()) // it reads the certificates
                    .publishOn(loop.scheduler())
                    .flatMap(PostgresqlConnectionFactory::create)
                    .flatMap(opened -> answer(host, opened, sockets))
                    .timeout(limit, loop.scheduler())
                    .onErrorResume(error -> {
                        sockets.abort();
                        return Mono.just(
                                error instanceof TimeoutException
                                        ? new HostAnswer.Silent(limit)
                                        : new HostAnswer.Refused(error));
                    })
                    .doOnCancel(() -> cancelled(host, sockets));
        });
    }

    /** A cancel also follows an answer that ends the asking; the connection of a primary is then still to be used. */
    @SuppressWarnings("ReferenceEquality") // loops are equal that see different sockets
    private void cancelled(HostAddress host, LaneLoop sockets) {
        HostConnection kept = writable.get(host);
        if (kept == null || kept.sockets() != sockets) {
            sockets.abort();
        }
    }

    private void abandoned() {
        if (!isDecided) {
            loop.abort();
        }
    }

    private PostgresqlConnectionFactory factory(HostAddress host, LaneLoop sockets) {
        return new PostgresqlConnectionFactory(
                login.apply(host).loopResources(sockets).build());
    }

    private Mono<HostAnswer> answer(HostAddress host, PostgresqlConnection opened, LaneLoop sockets) {
        return query(opened, STATE, HostSearch::state)
                .flatMap(answer -> answer instanceof HostAnswer.Primary
                        ? timeline(opened).map(timeline -> kept(new HostConnection(host, timeline, opened, sockets)))
                        : rejected(answer, new HostConnection(host, Timeline.UNKNOWN, opened, sockets)));
    }

    /** An only host has nobody to give way to: what it refuses is said when it is written to. */
    private Mono<HostAnswer> rejected(HostAnswer answer, HostConnection opened) {
        return hosts.size() == 1 ? Mono.just(kept(opened)) : opened.close().thenReturn(answer);
    }

    private HostAnswer kept(HostConnection opened) {
        writable.put(opened.host(), opened);
        return new HostAnswer.Primary(opened.timeline());
    }

    private static HostAnswer state(Readable row) {
        if (Boolean.TRUE.equals(row.get("standby", Boolean.class))) {
            return new HostAnswer.Standby();
        }
        return Boolean.TRUE.equals(row.get("read_only", Boolean.class))
                ? new HostAnswer.ReadOnly()
                : new HostAnswer.Primary(Timeline.UNKNOWN);
    }

    private static Mono<Timeline> timeline(PostgresqlConnection opened) {
        return query(
                        opened,
                        TIMELINE,
                        row -> Timeline.ofWalFile(
                                requireNonNull(row.get("system_identifier", Long.class)),
                                requireNonNull(row.get("wal_file", String.class))))
                .onErrorReturn(error -> !mayTellLater(error), Timeline.UNKNOWN);
    }

    /**
     * Whether it is the moment that has no answer, and not the server: it is asked again then, because it may be one
     * that was passed over.
     */
    static boolean mayTellLater(Throwable error) {
        if (!(error instanceof R2dbcException answer)) {
            return false;
        }
        String state = answer.getSqlState();
        return state == null || FINAL.stream().noneMatch(state::startsWith);
    }

    private static <T> Mono<T> query(PostgresqlConnection opened, String sql, Function<Readable, T> mapping) {
        return opened.createStatement(sql)
                .execute()
                .concatMapDelayError(result -> result.map(mapping))
                .single();
    }

    /** Keeps the winner's connection and closes the others. */
    private Mono<HostConnection> decide() {
        isDecided = true;
        HostConnection winner = choice.winner().map(writable::get).orElse(null);
        Mono<Void> others = Flux.fromIterable(writable.values())
                .filter(each -> !each.equals(winner))
                .flatMap(HostConnection::close, hosts.size(), 1)
                .then();
        return others.then(winner == null ? Mono.error(choice::failure) : Mono.just(winner));
    }
}
