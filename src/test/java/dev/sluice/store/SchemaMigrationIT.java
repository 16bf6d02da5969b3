package dev.sluice.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.testing.PostgresExtension;
import io.r2dbc.spi.ConnectionFactoryOptions;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

final class SchemaMigrationIT {

    @RegisterExtension
    static final PostgresExtension POSTGRES = PostgresExtension.dedicated().empty();

    @BeforeEach
    void noTables() {
        POSTGRES.execute("drop schema public cascade");
        POSTGRES.execute("create schema public");
    }

    @Test
    void severalReplicasMigrateAnEmptyDatabaseAtOnce() throws Exception {
        CountDownLatch together = new CountDownLatch(4);
        Callable<Void> replica = () -> {
            together.countDown();
            together.await();
            migration(POSTGRES.database(), POSTGRES.password(), null).run();
            return null;
        };
        try (var threads = Executors.newFixedThreadPool(4)) {
            var replicas =
                    IntStream.range(0, 4).mapToObj(i -> threads.submit(replica)).toList();
            for (Future<Void> each : replicas) {
                each.get(60, TimeUnit.SECONDS);
            }
        }
        assertThat(POSTGRES.count("flyway_schema_history")).isEqualTo(2);
        assertThat(POSTGRES.count("log_event")).isZero();
    }

    @Test
    void tablesGoIntoTheSchemaThatIsNamed() throws Exception {
        migration(POSTGRES.database(), POSTGRES.password(), "other").run();
        assertThat(POSTGRES.count("other.log_event")).isZero();
        assertThat(POSTGRES.count("pg_tables where schemaname = 'public'")).isZero();
        POSTGRES.execute("drop schema other cascade");
    }

    @Test
    void databaseThatIsNotUpYetIsWaitedFor() throws Exception {
        POSTGRES.server().stop();
        try (var threads = Executors.newSingleThreadExecutor()) {
            Callable<Void> waiting = () -> {
                migration(POSTGRES.database(), POSTGRES.password(), null).run();
                return null;
            };
            Future<Void> migrated = threads.submit(waiting);
            assertThatThrownBy(() -> migrated.get(2, TimeUnit.SECONDS)).isInstanceOf(TimeoutException.class);
            POSTGRES.server().start();
            migrated.get(60, TimeUnit.SECONDS);
        }
        assertThat(POSTGRES.count("log_event")).isZero();
    }

    @Test
    void waitEndsWhenTheThreadIsInterrupted() throws Exception {
        POSTGRES.server().stop();
        try (var threads = Executors.newSingleThreadExecutor()) {
            Callable<Void> waiting = () -> {
                migration(POSTGRES.database(), POSTGRES.password(), null).run();
                return null;
            };
            Future<Void> migrated = threads.submit(waiting);
            threads.shutdownNow();
            assertThat(threads.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
            assertThatThrownBy(migrated::get).hasRootCauseInstanceOf(InterruptedException.class);
        } finally {
            POSTGRES.server().start();
        }
    }

    @Test
    void wrongPasswordIsSaidAtOnce() {
        assertThatThrownBy(() -> migration(POSTGRES.database(), "wrong", null).run())
                .isInstanceOf(SchemaMigrationException.class)
                .hasMessageContaining("28P01")
                .hasMessageContaining("spring.r2dbc.password");
    }

    @Test
    void missingDatabaseIsSaidAtOnce() {
        assertThatThrownBy(() -> migration("nowhere", POSTGRES.password(), null).run())
                .isInstanceOf(SchemaMigrationException.class)
                .hasMessageContaining("no database 'nowhere'")
                .hasMessageContaining("3D000");
    }

    private static SchemaMigration migration(String database, String password, String schema) {
        String url = "r2dbc:postgresql://" + POSTGRES.host() + ":" + POSTGRES.port() + "/" + database;
        return new SchemaMigration(JdbcUrl.of(ConnectionFactoryOptions.parse(url)), POSTGRES.user(), password, schema);
    }
}
