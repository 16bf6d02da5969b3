package dev.sluice.metrics;

import static java.util.Objects.requireNonNull;

import java.util.EnumMap;
import java.util.Map;
import java.util.function.Function;

/** A meter for each value of an enum, made ahead, so that it exists before its first event. */
final class EnumMeters<E extends Enum<E>, M> {

    private final Map<E, M> meters;

    EnumMeters(Class<E> type, Function<E, M> meter) {
        meters = new EnumMap<>(type);
        for (E value : type.getEnumConstants()) {
            meters.put(value, meter.apply(value));
        }
    }

    M of(E value) {
        return requireNonNull(meters.get(value));
    }
}
