package dev.sluice.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.store.database.DatabaseHosts;
import dev.sluice.store.database.HostAddress;
import dev.sluice.store.database.NoPrimaryException;
import dev.sluice.store.database.TableHome;
import dev.sluice.testing.Await;
import dev.sluice.testing.HungHost;
import dev.sluice.testing.PostgresExtension;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.Disposable;
import reactor.netty.resources.LoopResources;

/** Several hosts of which one takes writes. */
class FailoverIT {

    private static final LoopResources LOOPS = LoopResources.create("failover-test", 1, true);

    @RegisterExtension
    static final PostgresExtension POSTGRES = PostgresExtension.shared();

    private final Events events = new Events();

    @BeforeEach
    void prepare() {
        StoreFixture.prepare(POSTGRES);
    }

    @AfterAll
    static void end() {
        LOOPS.dispose();
    }

    @Test
    void storesBesideAHungHostWhereverItStands() throws Exception {
        try (HungHost hung = new HungHost()) {
            List<HostAddress> hosts = List.of(at(hung.address()), primary());
            for (List<HostAddress> order : List.of(hosts, hosts.reversed())) {
                try (StoreFixture fixture = fixture(order)) {
                    assertThat(fixture.write(events.frameBatches(20, 100))).isNotEmpty();
                    assertThat(fixture.retries).isEmpty();
                }
            }
        }
        assertThat(POSTGRES.count("log_event")).isEqualTo(4_000);
    }

    @Test
    void storesWithoutARetryBesideAHostThatRefuses() {
        try (StoreFixture fixture = fixture(List.of(new HostAddress("127.0.0.1", 1), primary()))) {
            fixture.write(events.frameBatches(20, 100));
            assertThat(fixture.retries).isEmpty();
        }
        assertThat(POSTGRES.count("log_event")).isEqualTo(2_000);
    }

    @Test
    void leavesNoConnectionBehindButThoseOfTheLanes() throws Exception {
        try (HungHost hung = new HungHost();
                StoreFixture fixture = fixture(List.of(at(hung.address()), primary()))) {
            fixture.write(events.frameBatches(20, 100));
            for (int i = 0; i < 5; i++) {
                hosts(at(hung.address()), primary()).primary(LOOPS).block(StoreFixture.LIMIT);
            }
            Await.until(() -> POSTGRES.count(
                            "pg_stat_activity where datname = current_database()" + " and pid <> pg_backend_pid()")
                    <= 2);
        }
    }

    @Test
    void namesEachHostAndItsReasonWhenNoneTakesWrites() throws Exception {
        try (HungHost hung = new HungHost()) {
            DatabaseHosts hosts = hosts(at(hung.address()), new HostAddress("127.0.0.1", 1));
            assertThatThrownBy(() -> hosts.primary(LOOPS).block(StoreFixture.LIMIT))
                    .isInstanceOf(NoPrimaryException.class)
                    .hasMessageContaining(hung.address() + ": no answer within 2000 ms; 127.0.0.1:1: ")
                    .hasMessageContaining("Connection refused");
        }
    }

    /** The same server under two names: which of them is read-only, or full, is the test's choice. */
    @ParameterizedTest
    @ValueSource(strings = {"read-only", "full"})
    void aHostThatRefusesIsLeftForOneThatDoesNot(String refusal) {
        POSTGRES.execute("create database full_up connection limit 0");
        AtomicReference<String> refusing = new AtomicReference<>("localhost");
        List<HostAddress> hosts = List.of(primary(), new HostAddress("localhost", POSTGRES.port()));
        DatabaseHosts asked = StoreFixture.hosts(
                hosts,
                host -> {
                    var login = StoreFixture.login(POSTGRES, host).applicationName("to " + host.name());
                    if (!host.name().equals(refusing.get())) {
                        return login;
                    }
                    return refusal.equals("full")
                            ? login.database("full_up")
                            : login.options(Map.of("default_transaction_read_only", "on"));
                },
                StoreFixture.PUBLIC);
        try (StoreFixture fixture = new StoreFixture(asked)) {
            for (HostAddress host : hosts) {
                fixture.write(events.frameBatches(2, 100));
                assertThat(POSTGRES.count("pg_stat_activity where application_name = 'to " + host.name() + "'"))
                        .isPositive();
                refusing.set(host.name());
                POSTGRES.rows("select pg_terminate_backend(pid, 10000) from pg_stat_activity"
                        + " where application_name = 'to " + host.name() + "'");
            }
            assertThat(fixture.retries).doesNotContain("retry", "halted", "unknown");
            assertThat(fixture.store.haltedBy()).isEmpty();
        } finally {
            POSTGRES.execute("drop database full_up");
        }
        assertThat(POSTGRES.count("log_event")).isEqualTo(400);
    }

    @Test
    void aLockIsNoReasonToGiveAConnectionUp() throws Exception {
        try (StoreFixture fixture = fixture(List.of(primary()));
                var holder = POSTGRES.connect()) {
            Disposable watch = fixture.store.watchPrimary().subscribe();
            holder.setAutoCommit(false);
            holder.createStatement().execute("lock table log_event");
            var written = fixture.start(events.frameBatches(2, 100)).toFuture();
            Await.pause(6_000); // the watch looks after two seconds
            assertThat(written).isNotDone();
            holder.rollback();
            written.join();
            assertThat(fixture.retries).isEmpty();
            watch.dispose();
        }
    }

    private static StoreFixture fixture(List<HostAddress> hosts) {
        return new StoreFixture(POSTGRES, hosts, StoreFixture.settings(Duration.ofSeconds(20)));
    }

    private static DatabaseHosts hosts(HostAddress... hosts) {
        return new DatabaseHosts(
                Stream.of(hosts).toList(),
                host -> StoreFixture.login(POSTGRES, host),
                Duration.ofSeconds(2),
                new TableHome("public"));
    }

    private static HostAddress primary() {
        return new HostAddress(POSTGRES.host(), POSTGRES.port());
    }

    private static HostAddress at(String address) {
        return HostAddress.listOf(address, 0).getFirst();
    }
}
