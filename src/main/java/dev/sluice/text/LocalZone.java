package dev.sluice.text;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.zone.ZoneRules;
import org.jspecify.annotations.Nullable;

/** Where a time without an offset was written. Of the two meanings of a repeated hour it takes the earlier. */
public final class LocalZone {

    /** No place: a time without an offset is none. */
    public static final LocalZone NONE = new LocalZone(null);

    private final @Nullable ZoneRules rules;
    private final boolean fixed;
    private final int fixedSeconds;

    private LocalZone(@Nullable ZoneRules rules) {
        this.rules = rules;
        fixed = rules != null && rules.isFixedOffset();
        fixedSeconds =
                rules != null && fixed ? rules.getOffset(LocalDateTime.MIN).getTotalSeconds() : 0;
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
        if (fixed || rules == null) {
            return fixedSeconds;
        }
        return rules.getOffset(LocalDateTime.ofEpochSecond(localSeconds, 0, ZoneOffset.UTC))
                .getTotalSeconds();
    }

    /** What that wall clock shows at a moment, in seconds since the epoch. */
    public long localSeconds(long utcSeconds) {
        if (fixed || rules == null) {
            return utcSeconds + fixedSeconds;
        }
        return utcSeconds + rules.getOffset(Instant.ofEpochSecond(utcSeconds)).getTotalSeconds();
    }
}
