package dev.sluice.rule.action;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.re2j.Matcher;
import dev.sluice.event.LogEvent;
import dev.sluice.rule.field.Field;
import dev.sluice.rule.field.RuleContext;
import dev.sluice.rule.search.Expression;
import dev.sluice.rule.search.Finder;
import dev.sluice.rule.settings.Settings;
import dev.sluice.text.Ascii;
import dev.sluice.text.ByteWriter;
import dev.sluice.text.JsonFlags;
import dev.sluice.text.JsonMember;
import dev.sluice.text.JsonScanner;
import dev.sluice.text.JsonSyntax;
import dev.sluice.text.JsonText;
import dev.sluice.text.Slice;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Takes fields out of the message, or of an attribute: the members of a JSON object in it, pairs of {@code key=value},
 * or the named groups of a regular expression. They become columns where the configuration says so, else attributes. A
 * text that is none of this stays as it is, and so does every attribute.
 */
final class ExtractAction implements Action {

    private enum Format {
        JSON,
        LOGFMT,
        EXPRESSION
    }

    private final Format format;
    private final Optional<Expression> expression;
    private final Optional<Field> attribute;
    private final Extraction extraction;
    private final JsonScanner scanner;
    private final Slice copied = new Slice();
    private final JsonFlags flags = new JsonFlags();
    private final JsonMember member = new JsonMember();

    ExtractAction(Settings settings) {
        Map<String, Format> formats = new LinkedHashMap<>();
        formats.put("json", Format.JSON);
        formats.put("logfmt", Format.LOGFMT);
        formats.put("expression", Format.EXPRESSION);
        if (!settings.has("format")) {
            settings.error("format", "is missing, expected one of " + String.join(", ", formats.keySet()));
        }
        format = settings.word("format", formats).orElse(Format.JSON);
        expression = settings.text("expression").flatMap(text -> Expression.of(text, settings, "expression"));
        if (settings.has("expression") != (format == Format.EXPRESSION)) {
            settings.error("expression", "expected with format: expression, and only there");
        }
        if (expression.isPresent() && expression.get().pattern().namedGroups().isEmpty()) {
            settings.error("expression", "has no named group, expected at least one: (?P<name>...)");
        }
        attribute = settings.text("from").flatMap(name -> attribute(name, settings));
        extraction = new Extraction(settings);
        scanner = new JsonScanner(settings.environment().jsonDepthMax());
    }

    @Override
    public boolean apply(LogEvent event, RuleContext context) {
        Slice text =
                attribute.isPresent() ? copy(attribute.get().of(event, context), event.scratch()) : event.message();
        byte[] bytes = text.array();
        int from = text.offset();
        int to = from + text.length();
        switch (format) {
            case JSON -> json(bytes, from, to, event, context);
            case LOGFMT -> logfmt(bytes, from, to, event, context);
            case EXPRESSION -> groups(bytes, from, to, event, context);
        }
        return true;
    }

    private static Optional<Field> attribute(String name, Settings settings) {
        boolean isAttribute = name.startsWith(Field.ATTRIBUTES) && name.length() > Field.ATTRIBUTES.length();
        if (!isAttribute && !name.equals("message")) {
            settings.error("from", "is \"" + name + "\", expected message or attributes.NAME");
        }
        return isAttribute ? Field.named(name, settings, "from") : Optional.empty();
    }

    /** Attributes are written while they are read. */
    private Slice copy(Slice text, ByteWriter scratch) {
        int at = scratch.size();
        scratch.put(text.array(), text.offset(), text.length());
        copied.set(scratch.array(), at, text.length());
        return copied;
    }

    /** What the message does not say it goes on saying. */
    private void begin(LogEvent event, RuleContext context) {
        extraction.begin(event, context);
        if (attribute.isPresent()) {
            extraction.leave();
        }
    }

    private void json(byte[] bytes, int from, int to, LogEvent event, RuleContext context) {
        int i = JsonSyntax.spaceEnd(bytes, from, to);
        int end = i < to && bytes[i] == '{' ? scanner.value(bytes, i, to, 1, flags) : -1;
        boolean mended = (flags.take() & JsonFlags.LOOSE) != 0;
        if (end < 0 || JsonSyntax.spaceEnd(bytes, end, to) != to) {
            return;
        }
        begin(event, context);
        i = JsonSyntax.spaceEnd(bytes, i + 1, to);
        while (bytes[i] == '"') {
            i = member.next(bytes, i, to, scanner);
            boolean isEscaped = (member.keyFlags() & JsonFlags.ESCAPED) != 0;
            extraction.key(bytes, member.keyFrom() + 1, member.keyTo() - 1, isEscaped);
            extraction.json(bytes, member.valueFrom(), member.valueTo(), member.valueFlags());
        }
        if (mended) {
            extraction.leave();
        }
        extraction.end();
    }

    private void logfmt(byte[] bytes, int from, int to, LogEvent event, RuleContext context) {
        begin(event, context);
        int i = from;
        while (i < to) {
            if (bytes[i] == ' ') {
                i++;
                continue;
            }
            int keyEnd = keyEnd(bytes, i, to);
            if (keyEnd == i || keyEnd == to || bytes[keyEnd] != '=') {
                extraction.leave();
                i = Finder.indexOf(bytes, i, to, ' ');
                continue;
            }
            extraction.key(bytes, i, keyEnd, false);
            i = value(bytes, keyEnd + 1, to, event.scratch());
        }
        extraction.end();
    }

    private static int keyEnd(byte[] bytes, int from, int to) {
        int end = from;
        while (end < to
                && (Ascii.isWord(bytes[end])
                        || bytes[end] == '.'
                        || bytes[end] == '-'
                        || bytes[end] == '/'
                        || bytes[end] == '@')) {
            end++;
        }
        return end;
    }

    private int value(byte[] bytes, int from, int to, ByteWriter scratch) {
        if (from == to || bytes[from] != '"') {
            int end = Finder.indexOf(bytes, from, to, ' ');
            extraction.text(bytes, from, end);
            return end;
        }
        int end = JsonSyntax.stringEnd(bytes, from, to);
        int last = end - from > 1 && bytes[end - 1] == '"' ? end - 1 : end;
        if (JsonSyntax.isEscaped(bytes, from, last)) {
            int start = scratch.size();
            JsonText.unescape(bytes, from + 1, last, scratch);
            extraction.text(scratch.array(), start, scratch.size());
        } else {
            extraction.text(bytes, from + 1, last);
        }
        return end;
    }

    private void groups(byte[] bytes, int from, int to, LogEvent event, RuleContext context) {
        if (!mayMatch(bytes, from, to, event, context)) {
            return;
        }
        Matcher matcher = expression.get().matcher(bytes, from, to);
        if (!expression.get().findFirst(matcher)) {
            return;
        }
        begin(event, context);
        extraction.leave(); // what stands between the groups
        expression.get().pattern().namedGroups().forEach((name, group) -> {
            if (matcher.start(group) >= 0) {
                byte[] key = name.getBytes(UTF_8);
                extraction.key(key, 0, key.length, false);
                extraction.text(bytes, from + matcher.start(group), from + matcher.end(group));
            }
        });
        extraction.end();
    }

    private boolean mayMatch(byte[] bytes, int from, int to, LogEvent event, RuleContext context) {
        return expression.isPresent()
                && (attribute.isPresent()
                        ? expression.get().mayMatch(bytes, from, to)
                        : expression.get().mayMatch(context.pairsOfMessage(event), bytes, from, to));
    }

    @Override
    public int bytesAdded() {
        return extraction.bytesAdded();
    }

    @Override
    public boolean isGrowing() {
        return true;
    }
}
