package dev.sluice.simulation;

import dev.sluice.store.EventStore;
import dev.sluice.store.SimulatedStore;
import dev.sluice.store.StoreObserver;
import dev.sluice.store.StoreSettings;
import dev.sluice.store.database.DatabaseHosts;
import dev.sluice.store.database.HostAddress;
import dev.sluice.store.database.TableHome;
import io.r2dbc.postgresql.PostgresqlConnectionConfiguration;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/** The real store and the real driver, and the network between them and a modelled server. */
final class DatabaseLink {

    private static final StoreSettings SETTINGS = new StoreSettings(
            2,
            50,
            256 * 1024,
            Duration.ofSeconds(5),
            Duration.ofSeconds(3),
            Duration.ofMillis(100),
            Duration.ofSeconds(2),
            Duration.ofSeconds(10),
            Duration.ofDays(1));

    /** Each lane has one to each server, and so does what watches the primary. */
    private static final int SOCKETS_MAX = SETTINGS.lanes() + 1;

    private final VirtualTime time;
    private final SplittableRandom random;
    private final Cluster cluster;
    private final List<VirtualChannel> sockets = new ArrayList<>();
    private int loops;

    DatabaseLink(VirtualTime time, SplittableRandom random, Cluster cluster) {
        this.time = time;
        this.random = random;
        this.cluster = cluster;
    }

    EventStore store(StoreObserver observer) {
        VirtualLoops resources = new VirtualLoops(() -> time.loop("lane " + loops++), this::socket);
        DatabaseHosts hosts = new DatabaseHosts(
                IntStream.range(0, cluster.size())
                        .mapToObj(i -> new HostAddress("127.0.0.1", Cluster.PORT + i))
                        .toList(),
                DatabaseLink::login,
                Duration.ofSeconds(3),
                new TableHome("public"));
        return SimulatedStore.of(
                hosts, resources, SETTINGS, observer, new SimulatedStore.Surroundings(time::nanos, random.split()));
    }

    private VirtualChannel socket() {
        sockets.removeIf(each -> !each.isOpen());
        if (sockets.size() >= SOCKETS_MAX * cluster.size()) {
            time.fail(sockets.size() + " connections of " + SETTINGS.lanes() + " lanes are open, and one more is made");
        }
        Wire wire = new Wire(
                time,
                random.split(),
                Duration.ofMillis(1),
                port -> cluster.at(port).session());
        sockets.add(new VirtualChannel(wire));
        return sockets.getLast();
    }

    private static PostgresqlConnectionConfiguration.Builder login(HostAddress host) {
        return PostgresqlConnectionConfiguration.builder()
                .host(host.name())
                .port(host.port())
                .username("sluice")
                .autodetectExtensions(false);
    }
}
