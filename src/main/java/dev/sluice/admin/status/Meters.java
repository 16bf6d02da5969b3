package dev.sluice.admin.status;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The service's own meters by name, found in one pass. */
final class Meters {

    private final Map<String, List<Meter>> byName = new HashMap<>();

    Meters(MeterRegistry registry) {
        registry.forEachMeter(meter -> {
            String name = meter.getId().getName();
            if (name.startsWith("sluice.")) {
                byName.computeIfAbsent(name, key -> new ArrayList<>()).add(meter);
            }
        });
    }

    /** The sum over all labels. */
    double sum(String name) {
        return of(name).stream().mapToDouble(Meters::value).sum();
    }

    long total(String name) {
        return Math.round(sum(name));
    }

    /** The value, or null where it is not a number yet. */
    @Nullable
    Double orNull(String name) {
        double value = sum(name);
        return Double.isNaN(value) ? null : value;
    }

    /** The sums by the values of one label. */
    Map<String, Double> by(String name, String label) {
        Map<String, Double> sums = new TreeMap<>();
        for (Meter meter : of(name)) {
            String value = meter.getId().getTag(label);
            if (value != null) {
                sums.merge(value, value(meter), Double::sum);
            }
        }
        return sums;
    }

    private List<Meter> of(String name) {
        return byName.getOrDefault(name, List.of());
    }

    private static double value(Meter meter) {
        return switch (meter) {
            case Gauge gauge -> gauge.value();
            case Counter counter -> counter.count();
            case FunctionCounter counter -> counter.count();
            default -> 0;
        };
    }
}
