package dev.sluice;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.testing.Await;
import dev.sluice.testing.PostgresExtension;
import java.io.IOException;
import java.net.Socket;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.komamitsu.fluency.Fluency;
import org.komamitsu.fluency.fluentd.FluencyBuilderForFluentd;
import org.msgpack.core.MessageBufferPacker;
import org.msgpack.core.MessagePack;
import org.msgpack.value.Value;

/** Forward, from real shippers and from one that misbehaves: everything once, and acknowledged when it is committed. */
class ForwardIT {

    private static final Duration LIMIT = Duration.ofMinutes(1);
    private static final int EVENTS = 10_000;
    private static final String KEY = "secret";

    @RegisterExtension
    static final PostgresExtension POSTGRES = PostgresExtension.dedicated();

    @BeforeEach
    void empty() {
        POSTGRES.execute("create table if not exists log_event ()");
        POSTGRES.execute("drop schema public cascade; create schema public");
    }

    @Test
    void fluencyWithAcksStoresEveryEventOnce() throws IOException {
        try (RunningSluice sluice = RunningSluice.on(POSTGRES)) {
            FluencyBuilderForFluentd builder = new FluencyBuilderForFluentd();
            builder.setAckResponseMode(true);
            try (Fluency fluency = builder.build("127.0.0.1", sluice.port())) {
                for (int i = 0; i < EVENTS; i++) {
                    fluency.emit("shop.orders", Map.of("message", i + " was sold", "level", "warn", "number", i));
                }
                fluency.flush();
                Shippers.assertStored(POSTGRES, EVENTS, LIMIT);
            }
            Map<String, Object> row = POSTGRES.rows("select message, severity, attributes::text as attributes,"
                            + " event_at > now() - interval '1 hour' as recent from log_event"
                            + " where message = '4321 was sold'")
                    .getFirst();
            assertThat(row).containsEntry("severity", 4).containsEntry("recent", true);
            assertThat(row.get("attributes").toString())
                    .isEqualTo("{\"number\": 4321, \"fluent.tag\": \"shop.orders\"}");
            assertReconciled(sluice);
            assertThat(sluice.metric("sluice.acks.sent")).isPositive();
        }
    }

    @Test
    void aChunkThatIsSentAgainIsAcknowledgedAndStoredOnce() throws IOException {
        try (RunningSluice sluice = RunningSluice.on(POSTGRES)) {
            byte[] chunk = ForwardClient.chunk("one", 1000);
            for (int i = 0; i < 3; i++) {
                try (ForwardClient client = new ForwardClient(sluice.port())) {
                    client.send(chunk);
                    client.send(chunk);
                    assertThat(client.ack()).isEqualTo("one");
                    assertThat(client.ack()).isEqualTo("one");
                }
            }
            Shippers.assertStored(POSTGRES, 1000, LIMIT);
            assertThat(sluice.metric("sluice.events.deduplicated")).isEqualTo(5000);
            assertReconciled(sluice);
        }
    }

    @Test
    void chunksThatWereNotAcknowledgedBeforeAKillAreStoredOnceWhenTheyComeAgain() throws Exception {
        Set<String> open = new HashSet<>();
        int chunks = 0;
        for (int run = 0; run < 3; run++) {
            try (ServiceProcess sluice = ServiceProcess.start(POSTGRES, List.of("-Xmx160m"))) {
                sluice.awaitStarted();
                try (ForwardClient client = new ForwardClient(sluice.port())) {
                    for (String name : List.copyOf(open)) {
                        client.send(ForwardClient.chunk(name, 100));
                        assertThat(client.ack()).isEqualTo(name);
                        open.remove(name);
                    }
                    for (int i = 0; i < 20; i++) {
                        String name = "chunk-" + chunks++;
                        client.send(ForwardClient.chunk(name, 100));
                        open.add(name);
                    }
                    open.remove(client.ack());
                    int some = 100 * (20 * run + 10);
                    Await.until("some are committed", LIMIT, () -> POSTGRES.count("log_event") >= some);
                }
            } // killed: what was committed has not been acknowledged, as far as the shipper knows
        }
        try (RunningSluice sluice = RunningSluice.on(POSTGRES);
                ForwardClient client = new ForwardClient(sluice.port())) {
            for (String name : open) {
                client.send(ForwardClient.chunk(name, 100));
                assertThat(client.ack()).isEqualTo(name);
            }
            Shippers.assertStored(POSTGRES, 100 * chunks, LIMIT);
            assertThat(sluice.metric("sluice.events.deduplicated")).isPositive();
        }
    }

    @Test
    void smallMessagesOfOneReadAreStoredBesideOneThatIsRefused() throws IOException {
        try (RunningSluice sluice = RunningSluice.on(POSTGRES);
                ForwardClient client = new ForwardClient(sluice.port())) {
            client.send(ForwardClient.messages(5000));
            client.send(ForwardClient.messages(0, "no record"));
            client.send(ForwardClient.chunk("last", 10));
            assertThat(client.ack()).isEqualTo("last");
            assertThat(POSTGRES.count("log_event")).isEqualTo(5010);
            assertThat(POSTGRES.count("dead_letter")).isEqualTo(1);
            assertReconciled(sluice);
        }
    }

    @Test
    void aLargeChunkIsOneDeliveryWhateverTheMemory() throws IOException {
        try (RunningSluice sluice = RunningSluice.on(POSTGRES, "--sluice.pipeline.memory=8MB")) {
            byte[] chunk = ForwardClient.chunk("large", 100_000);
            List<Thread> shippers = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                byte[] own = ForwardClient.chunk("large-" + i, 100_000);
                shippers.add(Thread.ofPlatform().start(() -> sendAndAwaitAck(sluice.port(), own)));
            }
            sendAndAwaitAck(sluice.port(), chunk);
            shippers.forEach(ForwardIT::join);
            Shippers.assertStored(POSTGRES, 400_000, LIMIT);
            Await.until("all is given back", LIMIT, () -> sluice.metric("sluice.inflight.bytes") == 0);
        }
    }

    @Test
    void whoKnowsTheKeyMaySendAndNobodyElse() throws Exception {
        try (RunningSluice sluice = RunningSluice.on(
                POSTGRES,
                "--sluice.listeners.main.protocol=forward",
                "--sluice.listeners.main.forward.shared-key=" + KEY)) {
            try (ForwardClient client = new ForwardClient(sluice.port())) {
                client.send(ping(client, KEY));
                assertThat(client.list().get(1).asBooleanValue().getBoolean()).isTrue();
                client.send(ForwardClient.chunk("k", 10));
                assertThat(client.ack()).isEqualTo("k");
            }
            try (ForwardClient client = new ForwardClient(sluice.port())) {
                client.send(ping(client, "guess"));
                assertThat(client.list().get(1).asBooleanValue().getBoolean()).isFalse();
                assertThat(client.isClosed()).isTrue();
            }
            Shippers.assertStored(POSTGRES, 10, LIMIT);
        }
    }

    @Test
    void garbageEndsTheConnectionAndNoOther() throws IOException {
        try (RunningSluice sluice = RunningSluice.on(POSTGRES);
                ForwardClient good = new ForwardClient(sluice.port());
                ForwardClient bad = new ForwardClient(sluice.port())) {
            bad.send(ForwardClient.chunk("before", 10));
            bad.send(new byte[] {(byte) 0x93, (byte) 0xA1, 't', (byte) 0xDB, -1, -1, -1, -1});
            assertThat(bad.ack()).isEqualTo("before");
            assertThat(bad.isClosed()).isTrue();
            good.send(ForwardClient.chunk("after", 10));
            assertThat(good.ack()).isEqualTo("after");
            assertThat(sluice.labelled("sluice.connections.closed")).contains("protocol_error");
        }
    }

    @Test
    void aMessageThatComesAsJsonIsAnsweredAsJsonAndStoredOnce() throws IOException {
        byte[] message = """
                ["shop.orders", 1795478400.5, {"message": "sold", "level": "warn", "n": 7}, {"chunk": "j1"}]
                """.getBytes(UTF_8);
        try (RunningSluice sluice = RunningSluice.on(POSTGRES, "--sluice.listeners.main.protocol=forward");
                Socket shipper = new Socket("127.0.0.1", sluice.port())) {
            for (int i = 0; i < 2; i++) {
                shipper.getOutputStream().write(message);
                byte[] answer = shipper.getInputStream().readNBytes("{\"ack\":\"j1\"}".length());
                assertThat(new String(answer, UTF_8)).isEqualTo("{\"ack\":\"j1\"}");
            }
            assertThat(POSTGRES.rows("select message, severity, attributes::text as attributes,"
                            + " extract(epoch from event_at)::text as at from log_event"))
                    .singleElement()
                    .satisfies(row -> assertThat(row)
                            .containsEntry("message", "sold")
                            .containsEntry("severity", 4)
                            .containsEntry("attributes", "{\"n\": 7, \"fluent.tag\": \"shop.orders\"}")
                            .containsEntry("at", "1795478400.500000"));
            assertReconciled(sluice);
        }
    }

    private static byte[] ping(ForwardClient client, String key) throws Exception {
        Map<Value, Value> options = client.list().get(1).asMapValue().map();
        byte[] nonce = options.entrySet().stream()
                .filter(option -> option.getKey().toString().equals("nonce"))
                .findFirst()
                .orElseThrow()
                .getValue()
                .asRawValue()
                .asByteArray();
        MessageDigest digest = MessageDigest.getInstance("SHA-512");
        digest.update("salt".getBytes(UTF_8));
        digest.update("shipper".getBytes(UTF_8));
        digest.update(nonce);
        digest.update(key.getBytes(UTF_8));
        try (MessageBufferPacker packer = MessagePack.newDefaultBufferPacker()) {
            packer.packArrayHeader(6).packString("PING").packString("shipper").packString("salt");
            packer.packString(HexFormat.of().formatHex(digest.digest()));
            packer.packString("").packString("");
            return packer.toByteArray();
        }
    }

    private static void sendAndAwaitAck(int port, byte[] chunk) {
        try (ForwardClient client = new ForwardClient(port)) {
            client.send(chunk);
            client.ack();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void assertReconciled(RunningSluice sluice) {
        Await.until(
                "received = stored + dead letters + deduplicated",
                LIMIT,
                () -> sluice.metric("sluice.events.received")
                        == sluice.metric("sluice.events.stored")
                                + sluice.metric("sluice.dead.letters")
                                + sluice.metric("sluice.events.deduplicated"));
    }
}
