package dev.sluice.protocol.json;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.event.Column;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Keeps the table "Fields of JSON" of docs/tables.md as the code has it: every name, in its order. */
class FieldsPageTest {

    private static final Pattern ROW = Pattern.compile("(?m)^\\| `(\\w+)` \\| (`.*`) \\|$");

    @Test
    void everyNameFillsItsColumnInThatOrder() throws IOException {
        List<String> documented = new ArrayList<>();
        ROW.matcher(section()).results().forEach(row -> {
            String[] names = row.group(2).replace("`", "").split(", ");
            for (int rank = 0; rank < names.length; rank++) {
                KeyMeaning field = field(names[rank]);
                assertThat(field).as(names[rank]).isNotNull();
                // What one name leaves out of a second is of the name before it.
                assertThat(field.rank()).as(names[rank]).isEqualTo(field.nanos() ? rank - 1 : rank);
                assertThat(column(field)).as(names[rank]).isEqualTo(row.group(1));
                documented.add(names[rank]);
            }
        });
        assertThat(documented).containsExactlyInAnyOrderElementsOf(KnownKeys.names());
    }

    /** A name, or where it is too long for one, the path of an object that is nested. */
    private static KeyMeaning field(String path) {
        byte[] whole = path.getBytes(UTF_8);
        KeyMeaning flat = KnownKeys.find(whole, 0, whole.length);
        if (flat != null) {
            return flat;
        }
        KeyMeaning outer = KnownKeys.find(whole, 0, path.indexOf('.'));
        String rest = path;
        KeyMeaning found = outer;
        while (found != null && found.inner() != null && rest.contains(".")) {
            rest = rest.substring(rest.indexOf('.') + 1);
            byte[] name = rest.getBytes(UTF_8);
            KeyMeaning inner = found.inner().find(name, 0, name.length);
            if (inner != null) {
                return inner;
            }
            found = found.inner().find(name, 0, Math.max(rest.indexOf('.'), 0));
        }
        return null;
    }

    private static String column(KeyMeaning field) {
        return field.column() == Column.TIME
                ? "event_at"
                : field.column().name().toLowerCase(Locale.ROOT);
    }

    private static String section() throws IOException {
        return Pattern.compile("(?ms)^## Fields of JSON$.*?(?=^## )")
                .matcher(Files.readString(Path.of("docs/tables.md")))
                .results()
                .map(MatchResult::group)
                .findFirst()
                .orElseThrow();
    }
}
