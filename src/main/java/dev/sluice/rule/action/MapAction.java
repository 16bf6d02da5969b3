package dev.sluice.rule.action;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.event.LogEvent;
import dev.sluice.rule.field.AttributeText;
import dev.sluice.rule.field.EventColumn;
import dev.sluice.rule.field.RuleContext;
import dev.sluice.rule.settings.Settings;
import dev.sluice.text.ByteWriter;
import dev.sluice.text.Levels;
import dev.sluice.text.LocalZone;
import dev.sluice.text.Slice;
import dev.sluice.text.WrittenTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Fills columns from attributes: of the paths of a column, the first counts that leads to a text or a number. Nothing
 * is lost: the attribute stays, and the text that the column had is kept beside.
 */
final class MapAction implements Action {

    private record Source(Slice path, Levels.Scale scale) {}

    private record Mapping(EventColumn column, List<Source> sources) {}

    private final List<Mapping> mappings = new ArrayList<>();
    private final WrittenTime times;
    private final Slice value = new Slice();

    MapAction(Settings settings) {
        times = new WrittenTime(LocalZone.of(settings.environment().zone()));
        Map<String, EventColumn> columns = EventColumn.all();
        columns.forEach((label, column) -> {
            List<Source> sources =
                    settings.list(label).stream().map(MapAction::source).toList();
            if (!sources.isEmpty()) {
                mappings.add(new Mapping(column, sources));
            } else if (settings.has(label)) {
                settings.error(label, "is empty, expected the path of an attribute, such as kubernetes.labels.app");
            }
        });
        if (columns.keySet().stream().noneMatch(settings::has)) {
            settings.error("fills no column, expected column: path of an attribute, with the columns "
                    + String.join(", ", columns.keySet()));
        }
    }

    private static Source source(String path) {
        Slice slice = new Slice();
        slice.set(path.getBytes(UTF_8));
        return new Source(slice, Levels.Scale.ofLevelAt(path));
    }

    @Override
    public boolean apply(LogEvent event, RuleContext context) {
        for (int i = 0; i < mappings.size() && !event.attributes().isEmpty(); i++) {
            Mapping mapping = mappings.get(i);
            boolean isFilled = false;
            for (int source = 0; source < mapping.sources.size() && !isFilled; source++) {
                isFilled = fill(mapping.column, mapping.sources.get(source), event, context);
            }
        }
        return true;
    }

    /** Whether the path leads to what the column takes. */
    private boolean fill(EventColumn column, Source source, LogEvent event, RuleContext context) {
        int scratch = event.scratch().size();
        if (!AttributeText.findScalar(event, source.path, value)) {
            return false;
        }
        Slice text = column.slice(event);
        boolean isFilled =
                text == null ? column.fill(event, value, source.scale, times) : replace(column, text, event, context);
        if (text == null) {
            event.scratch().truncate(scratch);
        }
        return isFilled;
    }

    /** Without room the column stays as it is, as with every rule. */
    private boolean replace(EventColumn column, Slice text, LogEvent event, RuleContext context) {
        if (isSame(text, value) || !context.take(value.length())) {
            return true;
        }
        ByteWriter scratch = event.scratch();
        int at = scratch.size();
        scratch.put(
                value.array(), value.offset(), value.length()); // what is among the attributes may be moved by a rule
        if (text.length() == 0 || keep(column, text, event, context)) {
            text.set(scratch.array(), at, scratch.size() - at);
        }
        return true;
    }

    private static boolean isSame(Slice one, Slice other) {
        return Arrays.equals(
                one.array(),
                one.offset(),
                one.offset() + one.length(),
                other.array(),
                other.offset(),
                other.offset() + other.length());
    }

    private static boolean keep(EventColumn column, Slice old, LogEvent event, RuleContext context) {
        byte[] name = column.keptAs();
        if (AttributeText.has(event, name) || !context.take(6 * old.length() + name.length + 4)) {
            return false;
        }
        event.attributes().key(name).string(old.array(), old.offset(), old.length());
        return true;
    }

    @Override
    public boolean isGrowing() {
        return true;
    }
}
