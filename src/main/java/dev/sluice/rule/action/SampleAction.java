package dev.sluice.rule.action;

import dev.sluice.event.LogEvent;
import dev.sluice.rule.field.Field;
import dev.sluice.rule.field.RuleContext;
import dev.sluice.rule.settings.Settings;
import dev.sluice.text.Slice;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * Keeps a share of the events. With a field, the share is one of its values: all events with the same value are kept or
 * dropped together, by every worker and replica alike. The share is noted in the attributes.
 */
final class SampleAction implements Action {

    /** 2 to the power of 53: the fractions that a double tells apart. */
    private static final double FRACTIONS = 1L << 53;

    /** What the share takes in the attributes: a quoted key, a number, two separators. */
    private static final int SHARE_BYTES = 48;

    private final double share;
    private final Optional<Field> by;
    private final SplittableRandom random = new SplittableRandom();

    SampleAction(Settings settings) {
        share = share(settings);
        by = settings.text("by").flatMap(name -> Field.named(name, settings, "by"));
    }

    private static double share(Settings settings) {
        String text = settings.text("share").orElse("");
        double share = 0;
        try {
            share = Double.parseDouble(text);
        } catch (NumberFormatException e) {
            share = 0;
        }
        if (!(share > 0 && share <= 1)) {
            settings.error("share", "is \"" + text + "\", expected a number above 0 and up to 1, such as 0.1");
        }
        return share;
    }

    @Override
    public boolean apply(LogEvent event, RuleContext context) {
        boolean kept = fraction(event, context) < share;
        if (kept) {
            context.sampled(share);
        }
        return kept;
    }

    private double fraction(LogEvent event, RuleContext context) {
        if (by.isPresent()) {
            Slice value = by.get().of(event, context);
            if (value.isPresent()) {
                return (hash(value) >>> 11) / FRACTIONS;
            }
        }
        return random.nextDouble();
    }

    /** FNV-1a, with the finish of MurmurHash 3 so that all bits count. */
    private static long hash(Slice value) {
        long hash = 0xcbf29ce484222325L;
        int end = value.offset() + value.length();
        for (int i = value.offset(); i < end; i++) {
            hash = (hash ^ (value.array()[i] & 0xff)) * 0x100000001b3L;
        }
        hash = (hash ^ hash >>> 33) * 0xff51afd7ed558ccdL;
        hash = (hash ^ hash >>> 33) * 0xc4ceb9fe1a85ec53L;
        return hash ^ hash >>> 33;
    }

    @Override
    public int bytesAdded() {
        return SHARE_BYTES;
    }
}
