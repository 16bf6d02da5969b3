package dev.sluice.config;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Objects;

/** All properties below {@code sluice}, their defaults and what they mean, as the table of docs/configuration.md. */
public final class PropertyHelp {

    private static final String TABLE = "properties.md";

    private PropertyHelp() {}

    /** The properties as a tree, for a terminal. */
    public static String tree() {
        StringBuilder tree = new StringBuilder();
        String parent = "";
        for (String row : table().lines().skip(2).toList()) {
            String[] cells = plain(row).split(" ?\\| ?", -1);
            String name = cells[1];
            int point = name.lastIndexOf('.');
            if (!name.substring(0, point).equals(parent)) {
                parent = name.substring(0, point);
                tree.append('\n').append(parent).append('\n');
            }
            String range = cells[3].isEmpty() ? "" : " (" + cells[3] + ")";
            String byDefault = cells[2].isEmpty() ? "" : ": " + cells[2];
            tree.append("  .")
                    .append(name.substring(point + 1))
                    .append(byDefault)
                    .append(range)
                    .append('\n');
            tree.append("      ").append(cells[4]).append('\n');
        }
        return tree.toString();
    }

    /** Without the marks of code, and with the file of a link in place of the link. */
    private static String plain(String row) {
        return row.replaceAll("\\[docs/[^]]+]\\(([^)#]+)[^)]*\\)", "docs/$1")
                .replaceAll("\\[([^]]+)]\\(([^)#]+)[^)]*\\)", "$1 (docs/$2)")
                .replace("`", "");
    }

    static String table() {
        try (InputStream input = PropertyHelp.class.getResourceAsStream(TABLE)) {
            return new String(Objects.requireNonNull(input, TABLE).readAllBytes(), UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
