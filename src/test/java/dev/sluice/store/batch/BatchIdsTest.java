package dev.sluice.store.batch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class BatchIdsTest {

    private final AtomicLong clock = new AtomicLong(1_795_478_400_000L);

    @Test
    void idsAreOfVersion7AndSayTheTime() {
        UUID id = new BatchIds(clock::get).next();
        assertThat(id.version()).isEqualTo(7);
        assertThat(id.variant()).isEqualTo(2);
        assertThat(id.getMostSignificantBits() >>> 16).isEqualTo(clock.get());
    }

    @Test
    void idsAscendAndNeverRepeatAlsoWhenTheClockStandsOrGoesBack() {
        BatchIds ids = new BatchIds(clock::get);
        List<String> made = IntStream.range(0, 20_000)
                .mapToObj(i -> {
                    clock.addAndGet(i % 10 == 0 ? -1 : 0);
                    return ids.next().toString();
                })
                .toList();
        assertThat(made).doesNotHaveDuplicates().isSorted();
    }

    @Test
    void copiesOfAProcessPartWithTheFirstIdThatIsDifferent() {
        BatchIds ours = new BatchIds(clock::get, 7);
        BatchIds theirs = new BatchIds(clock::get, 7);
        assertThat(ours.next()).isEqualTo(theirs.next());
        UUID different = ours.different();
        assertThat(different.version()).isEqualTo(7);
        assertThat(different.variant()).isEqualTo(2);
        assertThat(ours.next().getLeastSignificantBits())
                .isEqualTo(different.getLeastSignificantBits())
                .isNotEqualTo(theirs.next().getLeastSignificantBits());
    }

    @Test
    void processesWithTheSameClockMakeDifferentIds() {
        assertThat(Stream.generate(() -> new BatchIds(clock::get).next()).limit(1000))
                .doesNotHaveDuplicates();
    }
}
