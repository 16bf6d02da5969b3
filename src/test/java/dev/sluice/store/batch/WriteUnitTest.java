package dev.sluice.store.batch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.event.RejectReason;
import dev.sluice.event.Rows;
import dev.sluice.store.Events;
import dev.sluice.store.copy.CopyChunks;
import dev.sluice.store.copy.CopyFormat;
import dev.sluice.store.copy.Span;
import io.netty.buffer.ByteBuf;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;

/** Splitting a batch, and sending it: no byte of it changes. */
class WriteUnitTest {

    private final Events events = new Events();
    private final BatchIds ids = new BatchIds();

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 7, 64, 101})
    void splittingToTheEndKeepsEveryRowInOrder(int rows) {
        Batch batch =
                new Batch(ids.next(), List.of(events.frameBatch(1), events.frameBatch(rows - 2), events.frameBatch(1)));
        List<WriteUnit> singles = new ArrayList<>();
        splitAll(batch.unit(), singles);
        assertThat(singles).hasSize(rows).allMatch(WriteUnit::isSingle);
        assertThat(singles.stream().map(WriteUnit::id)).doesNotHaveDuplicates().doesNotContain(batch.id());
        assertThat(bytes(singles.stream().flatMap(p -> p.events().stream()).toList()))
                .isEqualTo(bytes(batch.unit().events()));
    }

    @Test
    void splitsEventsFromDeadLettersFirst() {
        events.encoder().begin(events.delivery());
        events.encoder().reject(RejectReason.MALFORMED_JSON, "bad", new byte[3], 0, 3);
        Rows rejects = events.encoder().seal();
        List<WriteUnit> parts = new Batch(ids.next(), List.of(rejects, events.frameBatch(5)))
                .unit()
                .split(ids);
        assertThat(parts).extracting(WriteUnit::eventRows).containsExactly(5, 0);
        assertThat(parts).extracting(WriteUnit::deadLetterRows).containsExactly(0, 1);
    }

    @Test
    void sendsHeaderRowsAndTrailerInMessagesOfOneSize() {
        List<Rows> rows = new ArrayList<>(events.frameBatches(500, 1));
        rows.add(events.frameBatch(3000));
        rows.addAll(events.frameBatches(30, 20));
        WriteUnit unit = new Batch(ids.next(), rows).unit();
        List<byte[]> chunks = new ArrayList<>();
        CopyChunks.of(unit.events()).concatMap(Flux::from).subscribe(chunk -> chunks.add(take(chunk)));
        assertThat(chunks.subList(0, chunks.size() - 1)).allMatch(chunk -> chunk.length == CopyChunks.CHUNK_BYTES);
        ByteArrayOutputStream sent = new ByteArrayOutputStream();
        chunks.forEach(sent::writeBytes);
        byte[] expected = bytes(unit.events());
        assertThat(Arrays.copyOfRange(sent.toByteArray(), CopyFormat.header().length, sent.size() - 2))
                .isEqualTo(expected);
        assertThat(sent.size()).isEqualTo(19 + expected.length + 2);
    }

    private void splitAll(WriteUnit unit, List<WriteUnit> singles) {
        if (unit.isSingle()) {
            singles.add(unit);
        } else {
            unit.split(ids).forEach(half -> splitAll(half, singles));
        }
    }

    private static byte[] take(ByteBuf chunk) {
        byte[] bytes = new byte[chunk.readableBytes()];
        chunk.readBytes(bytes).release();
        return bytes;
    }

    private static byte[] bytes(List<Span> spans) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        spans.forEach(span -> out.write(span.bytes(), span.from(), span.length()));
        return out.toByteArray();
    }
}
