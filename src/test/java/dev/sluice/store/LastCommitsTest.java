package dev.sluice.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LastCommitsTest {

    private long nanos;
    private Instant now = Instant.EPOCH;
    private final LastCommits commits = new LastCommits(Duration.ofHours(2), () -> nanos, () -> now);

    @Test
    void itKeepsTheNewest() {
        List<UUID> ids = add(LastCommits.MAX + 3);
        assertThat(commits.ids()).isEqualTo(ids.subList(3, ids.size()));
    }

    @Test
    void whatTheLedgerMayForgetIsNotMissed() {
        add(2);
        nanos = Duration.ofMinutes(61).toNanos();
        List<UUID> ids = add(1);
        assertThat(commits.ids()).isEqualTo(ids);
    }

    /** A machine that sleeps stops the one clock, and not the ledger's. */
    @Test
    void whatTheLedgerMayForgetWhileTheMachineSleptIsNotMissed() {
        add(2);
        now = now.plus(Duration.ofMinutes(61));
        List<UUID> ids = add(1);
        assertThat(commits.ids()).isEqualTo(ids);
    }

    @Test
    void whatIsMissedIsMissedOnce() {
        List<UUID> ids = add(5);
        List<UUID> asked = commits.ids();
        Set<UUID> found = Set.copyOf(ids.subList(0, 2));
        assertThat(commits.missing(asked, found)).hasValueSatisfying(loss -> {
            assertThat(loss.batches()).isEqualTo(3);
            assertThat(loss.events()).isEqualTo(30);
            assertThat(loss.mayBeMore()).isFalse();
        });
        assertThat(commits.missing(asked, found)).isEmpty();
        assertThat(commits.ids()).isEqualTo(ids.subList(0, 2));
    }

    private List<UUID> add(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> {
                    UUID id = UUID.randomUUID();
                    commits.add(id, 10);
                    return id;
                })
                .toList();
    }
}
