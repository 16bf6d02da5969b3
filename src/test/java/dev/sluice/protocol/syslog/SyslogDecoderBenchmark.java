package dev.sluice.protocol.syslog;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.event.EventSink;
import dev.sluice.event.Framer;
import dev.sluice.event.Framer.Found;
import dev.sluice.event.LogEvent;
import dev.sluice.event.Protocol;
import dev.sluice.event.ProtocolDecoder;
import dev.sluice.event.RejectReason;
import dev.sluice.protocol.Protocols;
import java.time.ZoneOffset;
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
 * Framing and decoding of one read's worth of events, per event. With the allocation profiler:
 *
 * <pre>mvn test-compile exec:java -Dexec.classpathScope=test -Dexec.mainClass=org.openjdk.jmh.Main
 *     -Dexec.args="SyslogDecoderBenchmark -prof gc"</pre>
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class SyslogDecoderBenchmark {

    static final int EVENTS = 300;

    private static final String[] MESSAGES = {
        "10.12.0.7 \"GET /api/v1/orders/4711/items HTTP/1.1\" 200 5123 \"-\" \"Mozilla/5.0 (X11; Linux x86_64)\" rt=0.123",
        "user=alice action=purchase latency_ms=231 trace=4bf92f3577b34da6 connection timeout while reading response",
        "checkpoint complete: wrote 42 buffers, queue depth threshold exceeded, retrying after backoff Größe überschritten"
    };

    /** What is decoded; every third event has structured data. */
    @Param({"SYSLOG", "RFC3164", "JSON"})
    public String kind = "SYSLOG";

    private final Framer.Frame frame = new Framer.Frame();
    private final LogEvent event = new LogEvent();
    private final Sink sink = new Sink();
    private byte[] read = {};
    private Framer framer = new SyslogFramer(256 * 1024);
    private ProtocolDecoder decoder = (bytes, from, to, event, sink) -> {};

    /** Makes the read. */
    @Setup(Level.Trial)
    public void makeRead() {
        Protocol protocol = kind.equals("JSON") ? Protocol.JSON : Protocol.SYSLOG;
        Protocols protocols = new Protocols(ZoneOffset.UTC, 64);
        framer = protocols.framer(protocol, 256 * 1024);
        decoder = protocols.decoder(protocol);
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < EVENTS; i++) {
            lines.append(line(i)).append('\n');
        }
        read = lines.toString().getBytes(UTF_8);
    }

    /** Frames and decodes the read; returns something that depends on every event. */
    @Benchmark
    @OperationsPerInvocation(EVENTS)
    public long frameAndDecode() {
        int from = 0;
        while (from < read.length && framer.next(read, from, read.length, frame) == Found.FRAME) {
            event.reset(1_767_323_045_678_901L + from);
            decoder.decode(read, frame.from(), frame.to(), event, sink);
            from = frame.next();
        }
        return sink.sum;
    }

    private String line(int i) {
        String host = "web-%02d.eu1.example.net".formatted(i % 30);
        String message = MESSAGES[i % 3];
        return switch (kind) {
            case "JSON" ->
                "{\"@timestamp\":\"2026-03-01T00:00:%02d.%06dZ\",\"level\":\"INFO\",\"host\":\"%s\",\"app\":\"checkout-api\",\"pid\":%d,\"message\":\"%s\"%s}"
                        .formatted(
                                i % 60,
                                i * 997,
                                host,
                                1000 + i,
                                message.replace("\"", "\\\""),
                                i % 3 == 0 ? ",\"ctx\":{\"trace\":\"00c0ffee\",\"tenant\":\"t42\"}" : "");
            case "RFC3164" ->
                "<%d>Mar  1 00:00:%02d %s checkout-api[%d]: %s".formatted(i % 192, i % 60, host, 1000 + i, message);
            default ->
                "<%d>1 2026-03-01T00:00:%02d.%06dZ %s checkout-api %d REQ %s %s"
                        .formatted(
                                i % 192,
                                i % 60,
                                i * 997,
                                host,
                                1000 + i,
                                i % 3 == 0 ? "[ctx@32473 trace=\"00c0ffee\" tenant=\"t42\"]" : "-",
                                message);
        };
    }

    /** Bytes of an average event. */
    int bytesPerEvent() {
        return read.length / EVENTS;
    }

    /** Events seen. */
    long events() {
        return sink.events;
    }

    private static final class Sink implements EventSink {

        private long sum;
        private long events;

        @Override
        public void event(LogEvent event) {
            events++;
            sum += event.eventAtMicros()
                    + event.severity()
                    + event.host().length()
                    + event.message().length()
                    + event.attributes().text().size();
        }

        @Override
        public void reject(RejectReason reason, String detail, byte[] bytes, int from, int to) {
            throw new AssertionError(detail);
        }
    }
}
