package dev.sluice.protocol;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.sluice.event.EventSink;
import dev.sluice.event.LogEvent;
import dev.sluice.event.Protocol;
import dev.sluice.event.RejectReason;
import dev.sluice.protocol.forward.ForwardLimits;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a Forward message becomes: rows as JSON, rejects as text, and what it is known by. */
public final class ForwardRows implements EventSink {

    /** What a row takes besides its fields. */
    private static final int ROW_BYTES = 160;

    private final List<String> rows = new ArrayList<>();
    private byte @Nullable [] identity;
    private long bytes;

    private ForwardRows() {}

    public static ForwardRows of(byte[] message) {
        return of(message, ForwardLimits.DEFAULT);
    }

    public static ForwardRows of(byte[] message, ForwardLimits limits) {
        ForwardRows sink = new ForwardRows();
        LogEvent event = new LogEvent();
        event.reset(1_767_323_045_678_901L);
        new Protocols(ZoneOffset.UTC, 64, limits, true)
                .decoder(Protocol.FORWARD)
                .decode(message, 0, message.length, event, sink);
        return sink;
    }

    public List<String> rows() {
        return rows;
    }

    public byte @Nullable [] identity() {
        return identity;
    }

    @Override
    public void event(LogEvent event) {
        rows.add(Row.of(event).toString());
        bytes +=
                ROW_BYTES + event.message().length() + event.attributes().text().size();
    }

    @Override
    public void reject(RejectReason reason, String detail, byte[] array, int from, int to) {
        rows.add("reject " + reason.label() + " " + new String(array, from, to - from, ISO_8859_1));
    }

    @Override
    public void identity(byte[] of) {
        identity = of;
    }

    @Override
    public long bytes() {
        return bytes;
    }

    @Override
    public void takeBack() {
        rows.clear();
        bytes = 0;
    }
}
