package dev.sluice.metrics;

import java.util.Locale;

/** Label values are made of enums alone, so that their number is bounded. */
final class Labels {

    private Labels() {}

    static String of(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }
}
