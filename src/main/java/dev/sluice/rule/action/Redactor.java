package dev.sluice.rule.action;

import dev.sluice.rule.field.RuleContext;
import dev.sluice.rule.search.BytePairs;
import dev.sluice.rule.search.Finder;
import dev.sluice.text.Ascii;
import dev.sluice.text.ByteWriter;
import dev.sluice.text.JsonSyntax;
import dev.sluice.text.JsonText;
import dev.sluice.text.Slice;
import java.util.Arrays;
import java.util.List;

/** Replaces what its finders find, in text and in the strings and numbers of JSON text. One instance a worker. */
final class Redactor {

    private final Finder[] finders;
    private final boolean[] all;
    private final boolean[] expected;
    private final BytePairs pairs = new BytePairs();
    private final Substitute substitute;
    private final Slice token = new Slice();
    private final Slice meant = new Slice();
    private final ByteWriter unescaped = new ByteWriter(256);
    private final ByteWriter rewritten = new ByteWriter(256);
    private boolean escapesExpected = true;

    Redactor(List<Finder> finders, Substitute substitute) {
        this.finders = finders.toArray(Finder[]::new);
        all = new boolean[this.finders.length];
        Arrays.fill(all, true);
        expected = all.clone();
        this.substitute = substitute;
    }

    /** The texts that come have these pairs: what cannot occur in them is not looked for. */
    void expect(BytePairs pairs) {
        for (int i = 0; i < finders.length; i++) {
            expected[i] = finders[i].mayOccur(pairs);
        }
        escapesExpected = pairs.has('\\');
    }

    /**
     * Points {@code text} at a redacted copy in {@code out} if there is anything to redact. A text may be cut out of
     * JSON: where its escapes hide something, it is replaced by what they mean.
     */
    void redact(Slice text, ByteWriter out, RuleContext context) {
        redact(expected, escapesExpected, text, out, context);
    }

    private boolean redact(boolean[] some, boolean escapes, Slice text, ByteWriter out, RuleContext context) {
        boolean any = redact(some, text, out, context);
        int from = text.offset();
        int to = from + text.length();
        if (!(any || escapes) || !JsonSyntax.isEscaped(text.array(), from, to)) {
            return any;
        }
        int start = out.size();
        JsonText.unescape(text.array(), from, to, out);
        meant.set(out.array(), start, out.size() - start);
        if (redact(all, meant, out, context)) {
            text.set(meant.array(), meant.offset(), meant.length());
            return true;
        }
        out.truncate(start);
        return any;
    }

    /** With some of the finders; with all that follow as soon as one has changed the text. */
    private boolean redact(boolean[] some, Slice text, ByteWriter out, RuleContext context) {
        boolean any = false;
        for (int i = 0; i < finders.length; i++) {
            if (any || some[i]) {
                any |= redact(finders[i], text, out, context);
            }
        }
        return any;
    }

    private boolean redact(Finder finder, Slice text, ByteWriter out, RuleContext context) {
        byte[] bytes = text.array();
        int from = text.offset();
        int to = from + text.length();
        if (!finder.find(bytes, from, to, from)) {
            return false;
        }
        int start = out.size();
        int clean = from;
        do {
            out.put(bytes, clean, finder.start() - clean);
            substitute.put(bytes, finder.start(), finder.end(), out, context);
            clean = finder.end();
        } while (clean < to && finder.find(bytes, from, to, clean));
        out.put(bytes, clean, to - clean);
        text.set(out.array(), start, out.size() - start);
        return true;
    }

    /** As {@link Finder#takeTextsCutShort}, of all finders. */
    long takeTextsCutShort() {
        long count = 0;
        for (Finder finder : finders) {
            count += finder.takeTextsCutShort();
        }
        return count;
    }

    /** Whether a look at JSON text shows that there is nothing to redact. */
    boolean isSurelyClean(byte[] bytes, int from, int to) {
        pairs.clear();
        pairs.add(bytes, from, to);
        if (pairs.has('\\')) {
            return false;
        }
        for (Finder finder : finders) {
            finder.context(bytes, from, from);
            if (finder.mayOccur(pairs) && !finder.isSurelyAbsent(bytes, from, to)) {
                return false;
            }
        }
        return true;
    }

    /** Appends the JSON text to {@code out} with its strings, keys and numbers redacted; returns whether any was. */
    boolean redactJson(byte[] bytes, int from, int to, ByteWriter out, RuleContext context) {
        boolean any = false;
        context(bytes, from, from);
        int i = from;
        while (i < to) {
            byte b = bytes[i];
            if (b != '"' && b != '-' && !Ascii.isDigit(b)) {
                out.put(b);
                i++;
                continue;
            }
            int end = b == '"' ? JsonSyntax.stringEnd(bytes, i, to) : JsonSyntax.wordEnd(bytes, i, to);
            any |= token(bytes, i, end, out, context);
            if (b == '"') {
                context(bytes, i, end);
            }
            i = end;
        }
        context(bytes, from, from);
        return any;
    }

    private void context(byte[] bytes, int from, int to) {
        for (Finder finder : finders) {
            finder.context(bytes, from, to);
        }
    }

    /** A string or a number; a number that is redacted becomes a string. */
    private boolean token(byte[] bytes, int from, int to, ByteWriter out, RuleContext context) {
        int start = bytes[from] == '"' ? from + 1 : from;
        int end = start > from && to > start && bytes[to - 1] == '"' ? to - 1 : to;
        if (start > from && JsonSyntax.isEscaped(bytes, start, end)) {
            unescaped.truncate(0);
            JsonText.unescape(bytes, start, end, unescaped);
            token.set(unescaped.array(), 0, unescaped.size());
        } else {
            token.set(bytes, start, end - start);
        }
        rewritten.truncate(0);
        boolean any = redact(all, true, token, rewritten, context);
        if (any) {
            JsonSyntax.quote(token.array(), token.offset(), token.offset() + token.length(), out);
        } else {
            out.put(bytes, from, to - from);
        }
        return any;
    }
}
