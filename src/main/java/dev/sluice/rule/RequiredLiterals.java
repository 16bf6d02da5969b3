package dev.sluice.rule;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Reads out of a regular expression texts of which one occurs in everything that it matches, so that the engine need
 * not look at most events. It understands little and gives up on the rest: no texts means that the engine looks at
 * everything.
 */
final class RequiredLiterals {

    private static final int LENGTH_MIN = 2;

    /** Flags, quotations, and escapes with arguments. */
    private static final Pattern UNREAD = Pattern.compile("\\(\\?(?!P?<|:)|\\\\[QxpP0-7]");

    private final String expression;
    private final List<String> found = new ArrayList<>();
    private final StringBuilder run = new StringBuilder();
    private String best = "";
    private int at;

    private RequiredLiterals(String expression) {
        this.expression = expression;
    }

    static List<String> of(String expression) {
        if (UNREAD.matcher(expression).find()) {
            return List.of();
        }
        RequiredLiterals scan = new RequiredLiterals(expression);
        return scan.scan() ? List.copyOf(scan.found) : List.of();
    }

    /** Whether every alternative has a text. */
    private boolean scan() {
        while (at < expression.length()) {
            char c = expression.charAt(at++);
            switch (c) {
                case '|' -> {
                    if (!endAlternative()) {
                        return false;
                    }
                }
                case '\\' -> escape();
                case '[' -> skipClass();
                case '(' -> skipGroup();
                case '.', '^', '$' -> endRun();
                case '+' -> endRun();
                case '?', '*' -> dropLast();
                case '{' -> {
                    dropLast();
                    at = Math.max(expression.indexOf('}', at), at - 1) + 1;
                }
                default -> run.append(c);
            }
        }
        return endAlternative();
    }

    private boolean endAlternative() {
        endRun();
        boolean any = best.length() >= LENGTH_MIN;
        found.add(best);
        best = "";
        return any;
    }

    private void endRun() {
        if (run.length() > best.length()) {
            best = run.toString();
        }
        run.setLength(0);
    }

    /** The character before a quantifier may be missing; a surrogate pair is one character. */
    private void dropLast() {
        if (!run.isEmpty()) {
            int last = run.length() - 1;
            run.setLength(Character.isLowSurrogate(run.charAt(last)) ? Math.max(last - 1, 0) : last);
        }
        endRun();
    }

    private void escape() {
        char c = at < expression.length() ? expression.charAt(at++) : 'z';
        if (Character.isLetterOrDigit(c)) {
            endRun();
        } else {
            run.append(c);
        }
    }

    private void skipClass() {
        endRun();
        int first = at;
        if (at < expression.length() && expression.charAt(at) == '^') {
            first = ++at;
        }
        while (at < expression.length() && (expression.charAt(at) != ']' || at == first)) {
            if (expression.startsWith("[:", at)) {
                at = Math.max(expression.indexOf(":]", at), at) + 1;
            } else if (expression.charAt(at) == '\\') {
                at++;
            }
            at++;
        }
        at++;
    }

    private void skipGroup() {
        endRun();
        int depth = 1;
        while (at < expression.length() && depth > 0) {
            char c = expression.charAt(at++);
            switch (c) {
                case '(' -> depth++;
                case ')' -> depth--;
                case '\\' -> at++;
                case '[' -> skipClass();
                default -> {
                    // inside a group nothing is looked at
                }
            }
        }
    }
}
