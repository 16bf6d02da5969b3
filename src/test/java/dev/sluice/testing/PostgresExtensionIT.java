package dev.sluice.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The fixture itself: what other tests take for granted. */
final class PostgresExtensionIT {

    @RegisterExtension
    static final PostgresExtension POSTGRES = PostgresExtension.dedicated();

    @Test
    void serverIsPostgres18WithDurableCommits() {
        assertThat(setting("server_version")).startsWith("18");
        assertThat(setting("fsync")).isEqualTo("on");
        assertThat(setting("synchronous_commit")).isEqualTo("on");
    }

    @Test
    void databaseIsMigrated() {
        assertThat(POSTGRES.count("log_event")).isZero();
        assertThat(POSTGRES.count("dead_letter")).isZero();
        assertThat(POSTGRES.count("ingest_batch")).isZero();
    }

    @Test
    void committedRowsSurviveAKill() throws Exception {
        POSTGRES.execute("create table survivor (n integer)");
        int port = POSTGRES.port();
        try (Connection open = POSTGRES.connect()) {
            POSTGRES.execute("insert into survivor values (?)", 7);
            POSTGRES.server().kill();
            assertThatThrownBy(() -> open.createStatement().execute("select 1")).isInstanceOf(SQLException.class);
            assertThatThrownBy(POSTGRES::connect).isInstanceOf(SQLException.class);
        }
        POSTGRES.server().start();
        assertThat(POSTGRES.port()).isEqualTo(port);
        assertThat(POSTGRES.rows("select n from survivor").getFirst()).containsEntry("n", 7);
    }

    @Test
    void frozenServerKeepsConnectionsAndAnswersAfterwards() throws Exception {
        try (Connection open = POSTGRES.connect()) {
            POSTGRES.server().freeze();
            var answer = CompletableFuture.supplyAsync(() -> {
                try {
                    return open.createStatement().execute("select 1");
                } catch (SQLException e) {
                    throw new IllegalStateException(e);
                }
            });
            assertThatThrownBy(() -> answer.get(1, TimeUnit.SECONDS)).isInstanceOf(TimeoutException.class);
            POSTGRES.server().thaw();
            assertThat(answer.get(10, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void stoppedServerStartsAgain() {
        POSTGRES.server().stop();
        assertThatThrownBy(POSTGRES::connect).isInstanceOf(SQLException.class);
        POSTGRES.server().start();
        assertThat(POSTGRES.count("log_event")).isZero();
    }

    private static String setting(String name) {
        return (String) POSTGRES.rows("select current_setting(?) as value", name)
                .getFirst()
                .get("value");
    }
}
