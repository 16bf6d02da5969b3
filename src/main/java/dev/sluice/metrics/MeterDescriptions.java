package dev.sluice.metrics;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.config.MeterFilter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.util.Objects;
import java.util.Properties;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Gives each meter of Sluice its description, and its base unit where the name ends with one. The descriptions are in
 * {@code meters.properties}, by the names of Micrometer.
 */
public final class MeterDescriptions implements MeterFilter {

    private static final Set<String> UNITS = Set.of("bytes", "days", "events", "ratio", "seconds");

    private final Properties descriptions = new Properties();

    /** Reads the descriptions. */
    public MeterDescriptions() {
        try (Reader text = new InputStreamReader(
                Objects.requireNonNull(MeterDescriptions.class.getResourceAsStream("meters.properties")), UTF_8)) {
            descriptions.load(text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public Meter.Id map(Meter.Id id) {
        String description = descriptions.getProperty(id.getName());
        return description == null
                ? id
                : new Meter.Id(id.getName(), Tags.of(id.getTags()), unit(id), description, id.getType());
    }

    private static @Nullable String unit(Meter.Id id) {
        String last = id.getName().substring(id.getName().lastIndexOf('.') + 1);
        return UNITS.contains(last) ? last : id.getBaseUnit();
    }
}
