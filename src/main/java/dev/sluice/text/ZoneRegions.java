package dev.sluice.text;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.time.ZoneId;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Time zones by their place, {@code America/New_York}, as the database of them writes it. The table of a place is made
 * when its name is read first; all of them together are 2 MB.
 */
final class ZoneRegions {

    private static final byte SLASH = '/';

    /** By the ends of the names, since some are longer than those of a table. */
    private static final AsciiNameTable<Region> REGIONS = AsciiNameTable.of(ZoneId.getAvailableZoneIds().stream()
            .filter(id -> id.indexOf(SLASH) > 0)
            .flatMap(id -> Stream.of(end(id).toLowerCase(Locale.ROOT), new Region(id)))
            .toArray());

    private ZoneRegions() {}

    /** The zone whose name fills {@code bytes[from, to)}, or null. */
    static @Nullable LocalZone find(byte[] bytes, int from, int to) {
        if (SwarSearch.either(bytes, from, to, SLASH, SLASH) == to) {
            return null; // as nearly every word that is asked about
        }
        Region region = REGIONS.find(bytes, Math.max(from, to - AsciiNameTable.LENGTH_MAX), to);
        return region != null && Arrays.equals(bytes, from, to, region.name, 0, region.name.length)
                ? region.zone()
                : null;
    }

    private static String end(String id) {
        return id.substring(Math.max(0, id.length() - AsciiNameTable.LENGTH_MAX));
    }

    private static final class Region {
        final byte[] name;
        private volatile @Nullable LocalZone zone;

        Region(String id) {
            name = id.getBytes(US_ASCII);
        }

        LocalZone zone() {
            LocalZone made = zone;
            if (made == null) {
                made = LocalZone.of(ZoneId.of(new String(name, US_ASCII)));
                zone = made;
            }
            return made;
        }
    }
}
