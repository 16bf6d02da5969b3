package dev.sluice;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.testing.Await;
import dev.sluice.testing.PostgresExtension;
import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Two whole services in one database, told apart by the schema in the address. */
class TwoSchemasOfADatabaseIT {

    @RegisterExtension
    static final PostgresExtension POSTGRES = PostgresExtension.shared().empty();

    @Test
    void eachStoresInItsOwn() throws Exception {
        POSTGRES.execute("create schema one");
        POSTGRES.execute("create schema two");
        try (RunningSluice one = in("one");
                RunningSluice two = in("two")) {
            send(one.port(), 3);
            send(two.port(), 5);
            Await.until("stored", Duration.ofMinutes(1), () -> POSTGRES.count("one.log_event") == 3);
            Await.until("stored", Duration.ofMinutes(1), () -> POSTGRES.count("two.log_event") == 5);
        }
        assertThat(POSTGRES.count("pg_tables where schemaname = 'public'")).isZero();
    }

    private static RunningSluice in(String schema) {
        return RunningSluice.on(POSTGRES, "--spring.r2dbc.url=" + POSTGRES.r2dbcUrl() + "?schema=" + schema);
    }

    private static void send(int port, int events) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", port)) {
            socket.getOutputStream().write("<13>a message\n".repeat(events).getBytes(US_ASCII));
        }
    }
}
