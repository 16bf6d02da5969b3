package dev.sluice.store.copy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * The CopyData messages of one COPY, of one size whatever the sizes of the rows: the driver sends each with a flush of
 * its own. Ends by itself, because the driver reads its source to the end even when the server has refused the COPY.
 * The buffers are unpooled heap memory, so one that the driver drops is no leak.
 */
public final class CopyChunks {

    public static final int CHUNK_BYTES = 64 * 1024;

    private final List<Span> spans;
    private long remaining;
    private int index;
    private int offset;

    private CopyChunks(List<Span> spans) {
        this.spans = spans;
        for (Span span : spans) {
            remaining += span.length();
        }
    }

    public static Flux<Publisher<ByteBuf>> of(List<Span> rows) {
        List<Span> spans = new ArrayList<>(rows.size() + 2);
        spans.add(Span.of(CopyFormat.header(), 0));
        spans.addAll(rows);
        spans.add(Span.of(CopyFormat.trailer(), 0));
        return Flux.defer(() -> {
            CopyChunks chunks = new CopyChunks(spans);
            // The driver asks for many messages ahead but subscribes to one at a time: each is made when it is due.
            return Flux.range(0, chunks.count()).map(message -> Mono.fromSupplier(chunks::next));
        });
    }

    private int count() {
        return Math.toIntExact((remaining + CHUNK_BYTES - 1) / CHUNK_BYTES);
    }

    private ByteBuf next() {
        Span span = spans.get(index);
        if (span.length() - offset >= CHUNK_BYTES) {
            ByteBuf slice = Unpooled.wrappedBuffer(span.bytes(), span.from() + offset, CHUNK_BYTES);
            advance(CHUNK_BYTES);
            return slice;
        }
        return Unpooled.wrappedBuffer(gather());
    }

    /** Small pieces go into one array: a message of many components costs more than the copy. */
    private byte[] gather() {
        byte[] chunk = new byte[(int) Math.min(CHUNK_BYTES, remaining)];
        int filled = 0;
        while (filled < chunk.length) {
            Span span = spans.get(index);
            int length = Math.min(span.length() - offset, chunk.length - filled);
            System.arraycopy(span.bytes(), span.from() + offset, chunk, filled, length);
            filled += length;
            advance(length);
        }
        return chunk;
    }

    private void advance(int bytes) {
        remaining -= bytes;
        offset += bytes;
        if (offset == spans.get(index).length()) {
            index++;
            offset = 0;
        }
    }
}
