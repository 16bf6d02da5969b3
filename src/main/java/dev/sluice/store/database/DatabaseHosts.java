package dev.sluice.store.database;

import static java.util.stream.Collectors.joining;

import io.r2dbc.postgresql.PostgresqlConnectionConfiguration;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.ConnectionFactory;
import io.r2dbc.spi.ConnectionFactoryMetadata;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;
import reactor.netty.resources.LoopResources;

/**
 * The servers of the database. All that connects asks here: every host at once, each with its own limit for socket and
 * login, and the one that takes writes is used. So a host that hangs costs nothing when another one answers. Safe for
 * any thread.
 */
public final class DatabaseHosts {

    private static final Logger LOG = LoggerFactory.getLogger(DatabaseHosts.class);

    private final List<HostAddress> hosts;
    private final Function<HostAddress, PostgresqlConnectionConfiguration.Builder> login;
    private final Duration limit;
    private final TableHome home;
    private final Timelines timelines = new Timelines();
    private final AtomicReference<@Nullable HostAddress> primary = new AtomicReference<>();

    /** Those that may still be in use; what is closed goes at the next opening. */
    private final Set<HostConnection> open = ConcurrentHashMap.newKeySet();

    private volatile List<HostAddress> outdated = List.of();

    /**
     * @param hosts one or more
     * @param login a new builder each time, with everything that says where a host is and how to log in there
     * @param limit how long a host may take for the socket and the login together
     * @param home the schema of the tables, which is the same on all of them
     */
    public DatabaseHosts(
            List<HostAddress> hosts,
            Function<HostAddress, PostgresqlConnectionConfiguration.Builder> login,
            Duration limit,
            TableHome home) {
        this.hosts = List.copyOf(hosts);
        this.home = home;
        this.login = login;
        this.limit = limit;
    }

    /** The schema of the tables. */
    public TableHome home() {
        return home;
    }

    /** How many there are. */
    public int count() {
        return hosts.size();
    }

    /** More than one: only then can another one be the primary all of a sudden, without a word to us. */
    boolean areSeveral() {
        return hosts.size() > 1;
    }

    /** Whether a newer timeline was seen since: what is written there is lost. */
    public boolean isOutdated(Timeline timeline) {
        return timelines.isOutdated(timeline);
    }

    /**
     * After a COMMIT: that of a server that was passed over meanwhile counts for nothing.
     *
     * @throws NoPrimaryException when one was
     */
    public void requireCurrent(HostAddress host, Timeline timeline) {
        if (isOutdated(timeline)) {
            throw NoPrimaryException.outdated(host, timeline, timelines.newest());
        }
    }

    /** Asks all hosts and connects to the primary; fails with the reason of each when none takes writes. */
    public Mono<HostConnection> connect(LaneLoop loop) {
        return connect(loop, login);
    }

    private Mono<HostConnection> connect(
            LaneLoop loop, Function<HostAddress, PostgresqlConnectionConfiguration.Builder> who) {
        return Mono.defer(() -> {
            HostSearch search = new HostSearch(hosts, host -> builder(host, who), limit, timelines, loop.nested());
            return search.run().doOnNext(this::opened).doOnTerminate(() -> warnOf(search.choice()));
        });
    }

    /** For those that want nothing of a connection but that it is one to the primary. */
    public ConnectionFactory connectionFactory(LoopResources loops) {
        return connectionFactory(loops, login);
    }

    /** The same, logged in as somebody else. */
    public ConnectionFactory connectionFactory(
            LoopResources loops, Function<HostAddress, PostgresqlConnectionConfiguration.Builder> who) {
        return new ConnectionFactory() {
            @Override
            public Mono<? extends Connection> create() {
                return Mono.defer(() -> connect(new LaneLoop(loops), who)).map(HostConnection::connection);
            }

            @Override
            public ConnectionFactoryMetadata getMetadata() {
                return () -> "PostgreSQL";
            }
        };
    }

    /** The host that takes the writes now; fails with the reason of each when none does. */
    public Mono<HostAddress> primary(LoopResources loops) {
        return Mono.defer(() -> connect(new LaneLoop(loops)))
                .flatMap(found -> found.close().thenReturn(found.host()));
    }

    /** Ends the connections to a server that was passed over; who waits for an answer on one of them gets an error. */
    void abortOutdated() {
        for (HostConnection each : open) {
            if (isOutdated(each.timeline()) && each.sockets().isConnected()) {
                LOG.warn(
                        "The connection to {}, {}, is given up: one {} was seen",
                        each.host(),
                        each.timeline(),
                        timelines.newest());
                each.sockets().abort();
            }
        }
        open.removeIf(each -> !each.sockets().isConnected());
    }

    private void opened(HostConnection found) {
        open.removeIf(each -> !each.sockets().isConnected());
        open.add(found);
        became(found.host(), found.timeline());
    }

    /** Once for each state, not at each search. */
    private void warnOf(HostChoice choice) {
        List<HostAddress> now = choice.outdated();
        if (!now.equals(outdated) && !now.isEmpty()) {
            LOG.warn("A server takes writes although another one was promoted since: {}", choice);
        }
        outdated = now;
    }

    private PostgresqlConnectionConfiguration.Builder builder(
            HostAddress host, Function<HostAddress, PostgresqlConnectionConfiguration.Builder> who) {
        return who.apply(host)
                .connectTimeout(limit)
                .tcpKeepAlive(true)
                .tcpNoDelay(true)
                .preparedStatementCacheQueries(0);
    }

    private void became(HostAddress host, Timeline timeline) {
        HostAddress before = primary.getAndSet(host);
        if (before != null && !before.equals(host)) {
            LOG.warn("PostgreSQL at {} takes the writes now, {}; before it was {}", host, timeline, before);
        } else if (before == null && areSeveral()) {
            LOG.info("PostgreSQL at {} takes the writes, {}", host, timeline);
        }
    }

    /** All hosts, for messages. */
    @Override
    public String toString() {
        return hosts.stream().map(HostAddress::toString).collect(joining(","));
    }
}
