package dev.sluice.protocol.forward;

import dev.sluice.event.EventSink;
import dev.sluice.event.LogEvent;
import dev.sluice.event.ProtocolDecoder;
import dev.sluice.event.RejectReason;
import dev.sluice.protocol.forward.ForwardEntries.Place;
import dev.sluice.protocol.forward.ForwardMessage.Compression;
import dev.sluice.protocol.json.JsonDecoder;
import dev.sluice.protocol.line.Rejection;
import dev.sluice.protocol.line.UnfitException;
import io.airlift.compress.v3.zstd.ZstdInputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;

/**
 * One Forward message a frame. Its entries become events one at a time, also those of a compressed one, of which no
 * more is inflated than what is decoded next; each record is mapped as a line of JSON is. A message that breaks off, or
 * that becomes larger than it may, is one dead letter with all of its bytes.
 */
public final class ForwardDecoder implements ProtocolDecoder {

    private final ProtocolDecoder lines;
    private final ForwardJsonDecoder arrays;
    private final JsonDecoder json;
    private final int depthMax;
    private final ForwardLimits limits;
    private final boolean remembers;

    /**
     * A decoder that all workers share.
     *
     * @param lines decodes lines of JSON
     * @param remembers whether chunks that are sent again are recognised
     */
    public ForwardDecoder(
            ProtocolDecoder lines, JsonDecoder json, int depthMax, ForwardLimits limits, boolean remembers) {
        this.lines = lines;
        this.json = json;
        this.depthMax = depthMax;
        this.limits = limits;
        this.remembers = remembers;
        arrays = new ForwardJsonDecoder(json, limits, remembers);
    }

    @Override
    public void decode(byte[] bytes, int from, int to, LogEvent event, EventSink sink) {
        if (from < to && bytes[from] == '{') {
            lines.decode(bytes, from, to, event, sink);
            return;
        }
        if (from < to && bytes[from] == '[') {
            arrays.decode(bytes, from, to, event, sink);
            return;
        }
        ForwardMessage message =
                MsgPack.end(bytes, from, to, new MsgPackHead()) == to ? ForwardMessage.read(bytes, from, to) : null;
        if (message == null) {
            malformed("The frame is no Forward message.", bytes, from, to, sink);
            return;
        }
        if (message.tagTo() - message.tagFrom() > limits.eventBytesMax()) {
            Rejection refusal = ForwardEntries.LONG_TAG;
            sink.reject(refusal.reason(), refusal.detail(), bytes, from, to);
            return;
        }
        if (remembers && message.hasChunk()) {
            sink.identity(message.identity(bytes));
        }
        ForwardEntries.Bounds bounds =
                new ForwardEntries.Bounds(limits.eventBytesMax(), limits.rowBytesMax(to - from, message.compression()));
        ForwardEntries entries = new ForwardEntries(json, depthMax, event, sink, bounds);
        entries.tag(bytes, message.tagFrom(), message.tagTo());
        try {
            decode(bytes, to, message, entries);
        } catch (UnfitException unfit) {
            sink.takeBack();
            sink.reject(unfit.refusal().reason(), unfit.refusal().detail(), bytes, from, to);
        }
    }

    private void decode(byte[] bytes, int to, ForwardMessage message, ForwardEntries entries) {
        MsgPackHead head = new MsgPackHead();
        head.read(bytes, message.body(), to);
        int first = message.body() + head.size();
        switch (message.carrier()) {
            case MESSAGE -> {
                int record = MsgPack.end(bytes, message.body(), to, head);
                int end = MsgPack.end(bytes, record, to, head);
                entries.event(bytes, new Place(message.body(), end, message.body(), record));
            }
            case FORWARD -> require(entries.decode(bytes, first, MsgPack.end(bytes, message.body(), to, head)) >= 0);
            case PACKED -> {
                int end = first + (int) head.payload();
                if (message.compression() == Compression.NONE) {
                    require(entries.decode(bytes, first, end) == end);
                } else {
                    inflate(bytes, first, end, message.compression(), entries);
                }
            }
        }
    }

    private void inflate(byte[] bytes, int from, int to, Compression compression, ForwardEntries entries) {
        boolean fit = compression != Compression.ZSTD || ZstdFrames.areFit(bytes, from, to);
        require(fit, "The window of zstd is larger than 4 MB, or a block than 128 KB.");
        boolean whole;
        try (InputStream input = inflater(bytes, from, to, compression)) {
            InflatedEntries inflated = new InflatedEntries(input, to - from, limits.eventBytesMax());
            whole = inflated.decode(
                    entries::decode,
                    size -> require(limits.mayInflate(to - from, size), "The entries inflate to more than they may."));
        } catch (IOException broken) {
            throw unfit("The entries cannot be inflated: " + broken.getMessage());
        }
        require(whole);
    }

    private static InputStream inflater(byte[] bytes, int from, int to, Compression compression) {
        return switch (compression) {
            case GZIP -> new GzipMembers(bytes, from, to);
            case ZSTD -> new ZstdInputStream(new ByteArrayInputStream(bytes, from, to - from));
            case NONE, UNKNOWN -> throw unfit("The compression is not one that is known.");
        };
    }

    private static void malformed(String detail, byte[] bytes, int from, int to, EventSink sink) {
        sink.reject(RejectReason.MALFORMED_FORWARD, detail, bytes, from, to);
    }

    private static UnfitException unfit(String detail) {
        return new UnfitException(new Rejection(RejectReason.MALFORMED_FORWARD, detail));
    }

    private static void require(boolean wellFormed) {
        if (!wellFormed) {
            throw unfit("The entries break off, or are none.");
        }
    }

    private static void require(boolean fits, String detail) {
        if (!fits) {
            throw new UnfitException(new Rejection(RejectReason.OVERSIZE_FRAME, detail));
        }
    }
}
