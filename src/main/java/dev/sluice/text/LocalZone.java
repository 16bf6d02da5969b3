package dev.sluice.text;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.zone.ZoneOffsetTransition;
import java.time.zone.ZoneRules;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Where a time without an offset was written. Of the two meanings of a repeated hour it takes the earlier. The changes
 * of its clock from 1970 to 2200 are a table, since the rules of {@code java.time} make garbage with each question.
 */
public final class LocalZone {

    /** No place: a time without an offset is none. */
    public static final LocalZone NONE = new LocalZone(null);

    private static final Instant FIRST = Instant.parse("1970-01-01T00:00:00Z");
    private static final Instant LAST = Instant.parse("2200-01-01T00:00:00Z");

    private final @Nullable ZoneRules rules;
    private final boolean fixed;

    /** The moments at which the clock changes, in UTC. */
    private final long[] changes;

    /** What the clock shows, before or after, from which a time was written after the change without doubt. */
    private final long[] localChanges;

    /** The offset before the first change, and that after each. */
    private final int[] offsets;

    private LocalZone(@Nullable ZoneRules rules) {
        this.rules = rules;
        fixed = rules != null && rules.isFixedOffset();
        List<ZoneOffsetTransition> transitions = rules == null ? List.of() : transitions(rules);
        changes = transitions.stream()
                .mapToLong(ZoneOffsetTransition::toEpochSecond)
                .toArray();
        localChanges = transitions.stream().mapToLong(LocalZone::localChange).toArray();
        offsets = new int[changes.length + 1];
        offsets[0] = rules == null ? 0 : rules.getOffset(FIRST).getTotalSeconds();
        for (int i = 0; i < changes.length; i++) {
            offsets[i + 1] = transitions.get(i).getOffsetAfter().getTotalSeconds();
        }
    }

    public static LocalZone of(ZoneId zone) {
        return new LocalZone(zone.getRules());
    }

    /** Whether there is an offset at all. */
    public boolean isKnown() {
        return rules != null;
    }

    /** How far the clock on the wall is ahead of UTC when it shows that many seconds since the epoch. */
    public int offsetSeconds(long localSeconds) {
        if (rules == null || fixed || isInTable(localSeconds)) {
            return offset(localChanges, localSeconds);
        }
        return rules.getOffset(LocalDateTime.ofEpochSecond(localSeconds, 0, ZoneOffset.UTC))
                .getTotalSeconds();
    }

    /** What that wall clock shows at a moment, in seconds since the epoch. */
    public long localSeconds(long utcSeconds) {
        if (rules == null || fixed || isInTable(utcSeconds)) {
            return utcSeconds + offset(changes, utcSeconds);
        }
        return utcSeconds + rules.getOffset(Instant.ofEpochSecond(utcSeconds)).getTotalSeconds();
    }

    private int offset(long[] changes, long seconds) {
        int found = Arrays.binarySearch(changes, seconds);
        return offsets[found < 0 ? -found - 1 : found + 1];
    }

    /** A day within the table's ends, so that it does not matter whether a clock or UTC is asked about. */
    private static boolean isInTable(long seconds) {
        return seconds > FIRST.getEpochSecond() + 86_400 && seconds < LAST.getEpochSecond() - 86_400;
    }

    private static List<ZoneOffsetTransition> transitions(ZoneRules rules) {
        return Stream.iterate(
                        rules.nextTransition(FIRST),
                        change -> change != null && change.getInstant().isBefore(LAST),
                        change -> rules.nextTransition(change.getInstant()))
                .toList();
    }

    private static long localChange(ZoneOffsetTransition change) {
        int before = change.getOffsetBefore().getTotalSeconds();
        int after = change.getOffsetAfter().getTotalSeconds();
        return change.toEpochSecond() + Math.max(before, after);
    }
}
