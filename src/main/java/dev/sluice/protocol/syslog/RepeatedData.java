package dev.sluice.protocol.syslog;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.event.LogEvent;
import dev.sluice.text.JsonWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * STRUCTURED-DATA in which names may repeat: elements of the same id become one object, values of the same name an
 * array in their order. Rare, so that it may allocate, in proportion to the frame.
 */
final class RepeatedData {

    /** Where a value stands. */
    private record Range(int from, int to) {}

    private RepeatedData() {}

    /**
     * Writes the elements that start at {@code from} to the attributes; returns where they end, or a negative number.
     */
    static int decode(byte[] bytes, int from, int to, LogEvent event) {
        Map<String, Map<String, List<Range>>> elements = new LinkedHashMap<>();
        int i = from;
        while (i >= 0 && i < to && bytes[i] == '[') {
            int idEnd = StructuredData.nameEnd(bytes, i + 1, to);
            if (idEnd == i + 1) {
                return -1;
            }
            String id = new String(bytes, i + 1, idEnd - i - 1, UTF_8);
            i = gather(bytes, idEnd, to, elements.computeIfAbsent(id, _ -> new LinkedHashMap<>()));
        }
        if (i < 0 || (i < to && bytes[i] != ' ')) {
            return -1;
        }
        elements.forEach((id, values) -> write(bytes, id, values, event));
        return i;
    }

    private static int gather(byte[] bytes, int from, int to, Map<String, List<Range>> values) {
        int i = from;
        while (i < to && bytes[i] == ' ') {
            i = StructuredData.spacesEnd(bytes, i, to);
            if (i < to && bytes[i] == ']') {
                break;
            }
            int nameEnd = StructuredData.nameEnd(bytes, i, to);
            int valueEnd = StructuredData.valueEnd(bytes, nameEnd, to);
            if (nameEnd == i || valueEnd < 0) {
                return -1;
            }
            values.computeIfAbsent(new String(bytes, i, nameEnd - i, UTF_8), _ -> new ArrayList<>())
                    .add(new Range(StructuredData.valueFrom(bytes, nameEnd, to), valueEnd));
            i = valueEnd + 1;
        }
        return i < to && bytes[i] == ']' ? i + 1 : -1;
    }

    private static void write(byte[] bytes, String id, Map<String, List<Range>> values, LogEvent event) {
        JsonWriter attributes = event.attributes();
        attributes.key(id.getBytes(UTF_8)).open('{');
        values.forEach((name, ranges) -> {
            attributes.key(name.getBytes(UTF_8));
            if (ranges.size() > 1) {
                attributes.open('[');
            }
            ranges.forEach(range -> StructuredData.value(bytes, range.from(), range.to(), event));
            if (ranges.size() > 1) {
                attributes.close(']');
            }
        });
        attributes.close('}');
    }
}
