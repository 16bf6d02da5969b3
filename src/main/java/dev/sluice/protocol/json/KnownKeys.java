package dev.sluice.protocol.json;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.sluice.event.Column;
import dev.sluice.text.AsciiNameTable;
import dev.sluice.text.Levels;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The {@link ColumnNames usual names} of JSON loggers and the columns they mean, whatever their case. For each column
 * the first name of its line that is present, with a value that fits, wins; the others go to the attributes like every
 * other name. Names with points also match nested objects ({@code "host": {"name": ..}}); the outer object stays in the
 * attributes whole. A name may have an underscore (GELF) or an at sign before it; one without comes first.
 */
final class KnownKeys {

    /** The rank of names that fill nothing. */
    static final int NO_RANK = Integer.MAX_VALUE;

    private static final List<Entry> ENTRIES =
            Stream.of(Column.values()).flatMap(KnownKeys::entries).toList();

    /** Added to the rank of a name that is meant by one with a mark before it. */
    private static final int MARKED_RANK = 64;

    private static final AsciiNameTable<KeyMeaning> FIELDS = table(ENTRIES);
    private static final AsciiNameTable<KeyMeaning> MARKED =
            table(ENTRIES.stream().map(Entry::marked).toList());

    private static final KeyMeaning CHANNEL = find("channel");

    static final KeyMeaning LEVEL = find("level");

    /** Where Rust's tracing has its message. */
    static final KeyMeaning MESSAGE_OF_FIELDS = find("fields.message");

    private KnownKeys() {}

    /** What the key in {@code bytes[from, to)} means, or null. */
    static @Nullable KeyMeaning find(byte[] bytes, int from, int to) {
        KeyMeaning field = FIELDS.find(bytes, from, to);
        boolean marked = field == null && from < to && (bytes[from] == '_' || bytes[from] == '@');
        return marked ? MARKED.find(bytes, from + 1, to) : field;
    }

    private static KeyMeaning find(String name) {
        return Objects.requireNonNull(FIELDS.find(name.getBytes(US_ASCII), 0, name.length()));
    }

    /** Whether it is the channel of Monolog, whose numbers of levels are its own. */
    static boolean isChannel(@Nullable KeyMeaning field) {
        return field != null && field.column() == Column.APP && field.rank() == CHANNEL.rank();
    }

    /** Every name that fills a column. */
    static List<String> names() {
        return ENTRIES.stream().map(Entry::name).toList();
    }

    private static Stream<Entry> entries(Column column) {
        List<String> names = ColumnNames.of(column);
        return IntStream.range(0, names.size())
                .mapToObj(rank -> new Entry(names.get(rank), column, rank, Levels.Scale.ofField(names.get(rank))));
    }

    /** The names, and those of objects whose own name means nothing but that have names inside. */
    private static AsciiNameTable<KeyMeaning> table(List<Entry> entries) {
        Stream<Entry> outer = entries.stream()
                .map(Entry::outer)
                .filter(name -> !name.isEmpty())
                .distinct()
                .filter(name -> entries.stream().noneMatch(entry -> entry.name.equals(name)))
                .map(name -> new Entry(name, Column.MESSAGE, NO_RANK, Levels.Scale.COMMON));
        return AsciiNameTable.of(Stream.concat(entries.stream(), outer)
                .filter(entry -> entry.name.length() <= AsciiNameTable.LENGTH_MAX)
                .flatMap(entry -> Stream.<Object>of(entry.name, entry.field(inner(entry.name, entries))))
                .toArray());
    }

    private static @Nullable AsciiNameTable<KeyMeaning> inner(String outer, List<Entry> entries) {
        List<Entry> inner = entries.stream()
                .filter(entry -> entry.outer().equals(outer))
                .map(Entry::inner)
                .toList();
        return inner.isEmpty() ? null : table(inner);
    }

    private record Entry(String name, Column column, int rank, Levels.Scale scale) {
        String outer() {
            return name.substring(0, Math.max(name.indexOf('.'), 0));
        }

        Entry inner() {
            return new Entry(name.substring(name.indexOf('.') + 1), column, rank, scale);
        }

        Entry marked() {
            return new Entry(name, column, rank + MARKED_RANK, scale);
        }

        KeyMeaning field(@Nullable AsciiNameTable<KeyMeaning> inner) {
            boolean nanos = name.equals("nanoofsecond");
            return new KeyMeaning(column, nanos ? rank - 1 : rank, nanos, name.equals("target"), scale, inner);
        }
    }
}
