package dev.sluice.store.schema;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * An index that days get when they are over.
 *
 * @param text as the operator wrote it: a name that is known here, or what stands after the table in CREATE INDEX
 * @param suffix ends the names of these indexes; an expression has its hash there
 * @param definition what stands after the table in CREATE INDEX
 */
public record DayIndex(String text, String suffix, String definition) {

    /** Those that have names, for what people ask most: docs/queries.md. */
    private static final Map<String, String> KNOWN = new LinkedHashMap<>();

    static {
        KNOWN.put("time", "(received_at)");
        KNOWN.put("errors", "(received_at) where severity <= 3");
        KNOWN.put("host-time", "(host, received_at)");
        KNOWN.put("host-errors", "(host, received_at) where severity <= 3");
        KNOWN.put("app-time", "(app, received_at)");
        KNOWN.put("attributes", "using gin (attributes jsonb_path_ops)");
        KNOWN.put("trigram", "using gin (message gin_trgm_ops)");
    }

    /**
     * Reads what an operator wrote.
     *
     * @throws IllegalArgumentException when it is neither a name nor can be an index
     */
    public static DayIndex of(String written) {
        String text = written.strip().replaceAll("\\s+", " ");
        String known = KNOWN.get(text);
        if (known != null) {
            return new DayIndex(text, text.replace('-', '_'), known);
        }
        boolean isDefinition = text.matches("(?is)(\\(|using [a-z_0-9]+ ?\\().*\\).*") && text.indexOf(';') < 0;
        if (!isDefinition) {
            throw new IllegalArgumentException("indexes has \"" + written + "\", expected one of "
                    + String.join(", ", KNOWN.keySet())
                    + ", or what follows the table in CREATE INDEX, such as \"(app, received_at)\" or \"using gin (..)\";"
                    + " what has a comma is an item of its own: indexes[0]");
        }
        return new DayIndex(text, "own_%08x".formatted(text.hashCode()), text);
    }
}
