package dev.sluice.rule;

import dev.sluice.event.ByteWriter;
import dev.sluice.event.JsonSyntax;
import dev.sluice.event.Slice;
import java.util.List;

/** Replaces what its finders find, in text and in the strings and numbers of JSON text. One instance a worker. */
final class Redactor {

    private final List<Finder> finders;
    private final Substitute substitute;
    private final Slice token = new Slice();
    private final Slice meant = new Slice();
    private final ByteWriter unescaped = new ByteWriter(256);
    private final ByteWriter rewritten = new ByteWriter(256);

    Redactor(List<Finder> finders, Substitute substitute) {
        this.finders = finders;
        this.substitute = substitute;
    }

    /**
     * Points {@code text} at a redacted copy in {@code out} if there is anything to redact; returns whether. A text may
     * be cut out of JSON: where its escapes hide something, it is replaced by what they mean.
     */
    boolean redact(Slice text, ByteWriter out, Work work) {
        boolean any = redactPlain(text, out, work);
        int from = text.offset();
        int to = from + text.length();
        if (!JsonText.isEscaped(text.array(), from, to)) {
            return any;
        }
        int start = out.size();
        JsonText.unescape(text.array(), from, to, out);
        meant.set(out.array(), start, out.size() - start);
        if (redactPlain(meant, out, work)) {
            text.set(meant.array(), meant.offset(), meant.length());
            return true;
        }
        out.truncate(start);
        return any;
    }

    private boolean redactPlain(Slice text, ByteWriter out, Work work) {
        boolean any = false;
        for (int i = 0; i < finders.size(); i++) {
            any |= redact(finders.get(i), text, out, work);
        }
        return any;
    }

    private boolean redact(Finder finder, Slice text, ByteWriter out, Work work) {
        byte[] bytes = text.array();
        int from = text.offset();
        int to = from + text.length();
        if (!finder.mayOccur(bytes, from, to) || !finder.find(bytes, from, to, from)) {
            return false;
        }
        int start = out.size();
        int clean = from;
        do {
            out.put(bytes, clean, finder.start() - clean);
            substitute.put(bytes, finder.start(), finder.end(), out, work);
            clean = finder.end();
        } while (clean < to && finder.find(bytes, from, to, clean));
        out.put(bytes, clean, to - clean);
        text.set(out.array(), start, out.size() - start);
        return true;
    }

    /** Whether one look at JSON text that has no escapes shows that there is nothing to redact. */
    boolean isSurelyClean(byte[] bytes, int from, int to) {
        if (JsonText.isEscaped(bytes, from, to)) {
            return false;
        }
        for (int i = 0; i < finders.size(); i++) {
            Finder finder = finders.get(i);
            finder.context(bytes, from, from);
            if (!finder.isSurelyAbsent(bytes, from, to)) {
                return false;
            }
        }
        return true;
    }

    /** Appends the JSON text to {@code out} with its strings, keys and numbers redacted; returns whether any was. */
    boolean redactJson(byte[] bytes, int from, int to, ByteWriter out, Work work) {
        boolean any = false;
        int before = from;
        int beforeEnd = from;
        int i = from;
        while (i < to) {
            byte b = bytes[i];
            if (b != '"' && b != '-' && !Finder.isDigit(b)) {
                out.put(b);
                i++;
                continue;
            }
            int end = b == '"' ? JsonText.stringEnd(bytes, i, to) : JsonText.wordEnd(bytes, i, to);
            context(bytes, before, beforeEnd);
            any |= token(bytes, i, end, out, work);
            if (b == '"') {
                before = i;
                beforeEnd = end;
            }
            i = end;
        }
        context(bytes, from, from);
        return any;
    }

    private void context(byte[] bytes, int from, int to) {
        for (int i = 0; i < finders.size(); i++) {
            finders.get(i).context(bytes, from, to);
        }
    }

    /** A string or a number; a number that is redacted becomes a string. */
    private boolean token(byte[] bytes, int from, int to, ByteWriter out, Work work) {
        int start = bytes[from] == '"' ? from + 1 : from;
        int end = start > from && to > start && bytes[to - 1] == '"' ? to - 1 : to;
        if (start > from && JsonText.isEscaped(bytes, start, end)) {
            unescaped.truncate(0);
            JsonText.unescape(bytes, start, end, unescaped);
            token.set(unescaped.array(), 0, unescaped.size());
        } else {
            token.set(bytes, start, end - start);
        }
        rewritten.truncate(0);
        boolean any = redact(token, rewritten, work);
        if (any) {
            JsonSyntax.quote(token.array(), token.offset(), token.offset() + token.length(), out);
        } else {
            out.put(bytes, from, to - from);
        }
        return any;
    }
}
