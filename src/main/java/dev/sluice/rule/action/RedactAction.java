package dev.sluice.rule.action;

import dev.sluice.event.LogEvent;
import dev.sluice.rule.field.RuleContext;
import dev.sluice.rule.search.BytePairs;
import dev.sluice.rule.search.Expression;
import dev.sluice.rule.search.ExpressionFinder;
import dev.sluice.rule.search.Finder;
import dev.sluice.rule.search.Finders;
import dev.sluice.rule.search.Literal;
import dev.sluice.rule.settings.Settings;
import dev.sluice.text.ByteWriter;
import dev.sluice.text.JsonSyntax;
import dev.sluice.text.Slice;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Replaces what must not be stored, in every text column and in the attributes: names, strings and numbers, whatever
 * their escapes. The original bytes of a repaired frame ({@code sluice.original}) go whole: in base64 nothing is found.
 */
public final class RedactAction implements Action {

    private static final Literal ORIGINAL_TEXT = new Literal("\"sluice.original\":\"");

    private final Redactor redactor;
    private final ByteWriter json = new ByteWriter(256);

    RedactAction(Settings settings) {
        List<Finder> finders = new ArrayList<>();
        Set<Supplier<Finder>> chosen = new HashSet<>(settings.words("patterns", Finders.named()));
        // In their own order: what is part of something longer comes after it.
        Finders.named().values().stream().filter(chosen::contains).forEach(pattern -> finders.add(pattern.get()));
        List<String> expressions = settings.items("expressions");
        for (String expression : expressions) {
            Expression.of(expression, settings, "expressions")
                    .map(ExpressionFinder::new)
                    .ifPresent(finders::add);
        }
        if (!settings.has("patterns") && !settings.has("expressions")) {
            settings.error("has nothing to find, expected patterns with some of "
                    + String.join(", ", Finders.named().keySet()) + ", or expressions, or both");
        }
        redactor = new Redactor(finders, new Substitute(settings));
    }

    @Override
    public boolean apply(LogEvent event, RuleContext context) {
        redactor.expect(context.pairsOfTexts(event));
        text(event.message(), event.scratch(), context);
        column(event.host(), event, context);
        column(event.app(), event, context);
        column(event.procId(), event, context);
        column(event.msgId(), event, context);
        if (!event.attributes().isEmpty()) {
            attributes(event, context);
        }
        return true;
    }

    private void column(Slice column, LogEvent event, RuleContext context) {
        if (column.length() > 0) {
            redactor.redact(column, event.scratch(), context);
        }
    }

    /** A text may be JSON, in which escapes hide what is to be found. */
    private void text(Slice text, ByteWriter out, RuleContext context) {
        redactor.redact(text, out, context);
        byte[] bytes = text.array();
        int from = text.offset();
        int to = from + text.length();
        boolean json = from < to && (bytes[from] == '{' || bytes[from] == '[');
        if (json && JsonSyntax.isEscaped(bytes, from, to)) {
            int start = out.size();
            if (redactor.redactJson(bytes, from, to, out, context)) {
                text.set(out.array(), start, out.size() - start);
            } else {
                out.truncate(start);
            }
        }
    }

    private void attributes(LogEvent event, RuleContext context) {
        ByteWriter text = event.attributes().text();
        dropOriginals(event, text);
        if (redactor.isSurelyClean(text.array(), 0, text.size())) {
            return;
        }
        json.truncate(0);
        if (redactor.redactJson(text.array(), 0, text.size(), json, context)) {
            text.truncate(0);
            text.put(json.array(), 0, json.size());
        }
    }

    private void dropOriginals(LogEvent event, ByteWriter text) {
        byte[] bytes = text.array();
        int size = text.size();
        int at = ORIGINAL_TEXT.find(bytes, 0, size);
        if (at < 0) {
            return;
        }
        json.truncate(0);
        int clean = 0;
        while (at >= 0) {
            int start = at;
            int end = JsonSyntax.stringEnd(bytes, at + ORIGINAL_TEXT.length() - 1, size);
            if (start > clean && bytes[start - 1] == ',') {
                start--;
            } else if (end < size && bytes[end] == ',') {
                end++;
            }
            json.put(bytes, clean, start - clean);
            clean = end;
            at = ORIGINAL_TEXT.find(bytes, end, size);
        }
        json.put(bytes, clean, size - clean);
        text.truncate(0);
        text.put(json.array(), 0, json.size());
        event.attributes().truncate(text.size());
    }

    /** The bytes of a frame that could not be decoded, redacted as far as they are text. */
    public byte[] payload(byte[] bytes, RuleContext context) {
        Slice text = new Slice();
        text.set(bytes);
        BytePairs pairs = new BytePairs();
        pairs.add(text);
        redactor.expect(pairs);
        text(text, new ByteWriter(bytes.length + 64), context);
        ByteWriter copy = new ByteWriter(text.length());
        copy.put(text.array(), text.offset(), text.length());
        return copy.toByteArray();
    }

    @Override
    public boolean isGrowing() {
        return true;
    }

    @Override
    public long takeTextsCutShort() {
        return redactor.takeTextsCutShort();
    }
}
