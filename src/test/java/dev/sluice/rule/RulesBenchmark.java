package dev.sluice.rule;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.event.Delivery;
import dev.sluice.event.LogEvent;
import dev.sluice.event.Origin;
import dev.sluice.event.Protocol;
import dev.sluice.event.ProtocolDecoder;
import dev.sluice.event.RejectReason;
import dev.sluice.event.RowEncoder;
import dev.sluice.event.Rows;
import dev.sluice.protocol.Protocols;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What ten typical rules cost an event: the difference between the two values of {@code rules}. What the decoder takes
 * is in both.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class RulesBenchmark {

    static final int EVENTS = 1000;

    /** Four of them look at every message, two at every field. */
    static final String TEN = """
            - { name: health, when: { app: nginx, message: 'GET /health' }, filter: {} }
            - { name: debug, when: { severity: debug }, sample: { share: 0.1 } }
            - { name: noise, when: { message: 'keepalive|heartbeat|connection reset by peer' }, filter: {} }
            - { name: secrets, redact: { patterns: 'email, card, bearer, aws' } }
            - { name: passwords, redact: { expressions: ['password=(\\S+)'] } }
            - { name: inner, when: { message: '^\\{"' }, extract: { format: json, into: inner } }
            - { name: latency, extract: { format: expression, expression: 'latency_ms=(?P<latency_ms>\\d+)' } }
            - { name: region, enrich: { fields: { region: eu-1 } } }
            - { name: pods, when: { host: '*-*-*' }, enrich: { kubernetes: host } }
            - { name: panic, when: { message: 'kernel panic|out of memory' }, route: { severity: alert } }
            """;

    /** What most events say: nothing that a rule is for, but for the region, which is added to every event. */
    private static final String[] PLAIN = {
        "10.12.0.7 \"GET /api/v1/orders/4711/items HTTP/1.1\" 200 5123 \"-\" \"Mozilla/5.0 (X11; Linux x86_64)\" rt=0.123",
        "user=alice action=purchase status=ok duration=231 trace=4bf92f3577b34da6a3ce929d0e0e4736 cart=7f3b items=3",
        "checkpoint complete: wrote 42 buffers, queue depth threshold exceeded, retrying after backoff Größe überschritten",
        "Started session 4711 of user root on pts/0, reading the configuration again because the file has changed",
        "2026-03-01T00:00:07.123Z [http-nio-8080-exec-7] o.s.web.servlet.DispatcherServlet - Completed 200 OK in 12 ms"
    };

    /** What a few say: of a hundred events each of these is one. */
    private static final String[] MATCHING = {
        "GET /health HTTP/1.1 200 2",
        "heartbeat of 10.0.0.7 after 30 s",
        "sent the invoice to ann.bee@mail.example.com, message id 4711",
        "Authorization: Bearer abcdef.ghijkl-mnopqr accepted for /api/v1/orders",
        "login user=alice password=hunter2 from 10.0.0.7",
        "{\"service\":\"shop\",\"n\":17,\"note\":\"out of stock\"}",
        "request done latency_ms=231 status=200 path=/api/v1/orders/4711/items"
    };

    /** Which rules run. */
    @Param({"none", "ten"})
    public String rules = "ten";

    /** How many of a hundred events some rule is for, the region aside. */
    @Param({"0", "10", "70"})
    public int matching = 10;

    private final byte[][] frames = new byte[EVENTS][];
    private final LogEvent event = new LogEvent();
    private final Sink sink = new Sink();
    private final ProtocolDecoder decoder = new Protocols(ZoneOffset.UTC, 64).decoder(Protocol.SYSLOG);
    private final Delivery delivery =
            new Delivery(Origin.of("main", "10.0.0.1", Protocol.SYSLOG), 1, 1, EVENTS, Delivery.NO_ACK);
    private RowEncoder encoder = sink;

    /** Makes the frames and the rules. */
    @Setup(Level.Trial)
    public void prepare() {
        for (int i = 0; i < EVENTS; i++) {
            frames[i] = frame(i).getBytes(UTF_8);
        }
        encoder = rules.equals("none") ? sink : RuleRun.rules(TEN).before(sink, RuleObserver.NONE);
    }

    /** Of those that match, three of ten do so by severity, host or both. */
    private String frame(int i) {
        int place = i * 37 % 100;
        boolean matches = place < matching;
        boolean byMessage = matches && place % 10 < 7;
        int priority = 8 * (i % 24) + (matches && place % 10 >= 8 ? 7 : 6 - i % 4);
        String host =
                matches && place % 10 == 7 ? "shop-6d5f7c9b8d-x2x4z" : "web-%02d.eu1.example.net".formatted(i % 30);
        return "<%d>1 2026-03-01T00:00:%02d.%06dZ %s %s %d REQ - %s"
                .formatted(
                        priority,
                        i % 60,
                        i * 997,
                        host,
                        byMessage && place % 10 == 0 ? "nginx" : "checkout-api",
                        1000 + i,
                        byMessage ? MATCHING[place % 10] : PLAIN[i % PLAIN.length]);
    }

    /** Decodes a delivery, as a worker does; returns something that depends on every event. */
    @Benchmark
    @OperationsPerInvocation(EVENTS)
    public long decodeAndApply() {
        encoder.begin(delivery);
        for (int i = 0; i < EVENTS; i++) {
            event.reset(i);
            decoder.decode(frames[i], 0, frames[i].length, event, encoder);
        }
        encoder.seal();
        return sink.sum;
    }

    private static final class Sink implements RowEncoder {

        private static final Rows NO_ROWS = new Rows(List.of(), new byte[0], List.of());
        private long sum;

        @Override
        public void begin(Delivery delivery) {
            sum++;
        }

        @Override
        public void event(LogEvent event) {
            sum += event.severity()
                    + event.message().length()
                    + event.attributes().text().size();
        }

        @Override
        public void reject(RejectReason reason, String detail, byte[] bytes, int from, int to) {
            throw new AssertionError(detail);
        }

        @Override
        public Rows seal() {
            return NO_ROWS;
        }
    }
}
