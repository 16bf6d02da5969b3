package dev.sluice.rule.search;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How many steps RE2/J makes of an expression, at most, told from its text. Counted repeats are written out, so the 23
 * characters of {@code ((a{100}){100}){100}} would take a hundred megabytes before the engine could be asked.
 */
final class ExpressionSize {

    private static final long MAX = 1L << 31;

    /** The engine goes down the parentheses on the stack. */
    private static final int DEPTH_MAX = 250;

    /** The letters of all languages are hundreds of ranges. */
    private static final int CLASS_STEPS = 100;

    private static final Pattern COUNTS = Pattern.compile("\\{(\\d{1,9})(,(\\d{0,9}))?}");

    private final String text;
    private int at;
    private int depth;

    private ExpressionSize(String text) {
        this.text = text;
    }

    /** More than there is memory for where parentheses are too deep; anything where it is no expression. */
    static long of(String text) {
        return new ExpressionSize(text).sequence();
    }

    /** Up to the end or the parenthesis that closes it. */
    private long sequence() {
        if (++depth > DEPTH_MAX) {
            at = text.length();
            return MAX;
        }
        long size = 0;
        while (isMore() && text.charAt(at) != ')') {
            size = Math.min(size + repeated(atom()), MAX);
        }
        depth--;
        return size;
    }

    private boolean isMore() {
        return at < text.length();
    }

    private long atom() {
        char first = text.charAt(at++);
        if (first == '(') {
            long inner = sequence();
            at++;
            return inner + 2;
        }
        return first == '[' ? brackets() : first == '\\' ? escape() : 1;
    }

    private long brackets() {
        int begin = at;
        long classes = 0;
        at += text.startsWith("^]", at) ? 2 : text.startsWith("^", at) || text.startsWith("]", at) ? 1 : 0;
        while (isMore() && text.charAt(at) != ']') {
            if (text.startsWith("[:", at) && text.indexOf(":]", at) > 0) {
                at = text.indexOf(":]", at) + 2;
            } else if (text.charAt(at++) == '\\') {
                classes += escape();
            }
        }
        at++;
        return 1 + classes + (at - begin) / 4;
    }

    private long escape() {
        if (!isMore()) {
            return 1;
        }
        char kind = text.charAt(at++);
        if (kind == 'Q') {
            int end = text.indexOf("\\E", at);
            int begin = at;
            at = end < 0 ? text.length() : end + 2;
            return (long) at - begin;
        }
        if ((kind == 'p' || kind == 'P' || kind == 'x') && text.startsWith("{", at)) {
            int end = text.indexOf('}', at);
            at = end < 0 ? text.length() : end + 1;
        } else if ((kind == 'p' || kind == 'P') && isMore()) {
            at++;
        }
        return kind == 'p' || kind == 'P' ? CLASS_STEPS : 1;
    }

    /** What stands after an atom of this size says how often it may come. */
    private long repeated(long atom) {
        long size = atom;
        while (isMore() && size < MAX) {
            Matcher counts = COUNTS.matcher(text).region(at, text.length());
            if (counts.lookingAt()) {
                boolean isOpen = counts.group(2) != null && counts.group(3).isEmpty();
                long most = Long.parseLong(counts.group(2) == null || isOpen ? counts.group(1) : counts.group(3));
                size = (size + 1) * (most + 1);
                at = counts.end();
            } else if ("*+?".indexOf(text.charAt(at)) >= 0) {
                size++;
                at++;
            } else {
                break;
            }
        }
        return Math.min(size, MAX);
    }
}
