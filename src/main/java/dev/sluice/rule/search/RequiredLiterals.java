package dev.sluice.rule.search;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Texts of which one occurs in everything that a regular expression matches, so that the engine need not look at most
 * events.
 *
 * @param texts of which one occurs; none means that the engine has to look at everything
 * @param isAnchored whether it matches nowhere but at the start of a text
 * @param start what such a text begins with; or empty
 * @param isAll whether the expression says nothing more: where a text occurs, or the start is right, it matches
 * @param anyCase whether case does not matter
 */
record RequiredLiterals(List<String> texts, boolean isAnchored, String start, boolean isAll, boolean anyCase) {

    private static final String ANY_CASE = "(?i)";

    /** Flags, quotations, and escapes with arguments. */
    private static final Pattern UNREAD = Pattern.compile("\\(\\?(?!P?<|:)|\\\\[QxpP0-7]");

    static RequiredLiterals of(String expression) {
        boolean anyCase = expression.startsWith(ANY_CASE);
        String rest = anyCase ? expression.substring(ANY_CASE.length()) : expression;
        return UNREAD.matcher(rest).find()
                ? new RequiredLiterals(List.of(), false, "", false, anyCase)
                : new Scan(rest, anyCase).scan();
    }

    /** Reads an expression from left to right. It understands little and gives up on the rest. */
    private static final class Scan {

        private static final int LENGTH_MIN = 2;

        /** Letters that are the same as one beyond ASCII, but for case: the Kelvin sign, the long s. */
        private static final String ODD_LETTERS = "kKsS";

        private final String expression;
        private final boolean anyCase;
        private final List<String> found = new ArrayList<>();
        private final StringBuilder run = new StringBuilder();
        private String best = "";
        private String start = "";
        private boolean anchored;
        private boolean startOpen;
        private boolean plain = true;
        private int at;

        Scan(String expression, boolean anyCase) {
            this.expression = expression;
            this.anyCase = anyCase;
        }

        RequiredLiterals scan() {
            while (at < expression.length()) {
                token(expression.charAt(at++));
            }
            endAlternative();
            boolean every = found.stream().allMatch(text -> text.length() >= LENGTH_MIN);
            boolean all = plain && (anchored ? !start.isEmpty() : every);
            return new RequiredLiterals(every ? List.copyOf(found) : List.of(), anchored, start, all, anyCase);
        }

        private void token(char c) {
            switch (c) {
                case '^' -> anchor();
                case '|' -> {
                    endAlternative();
                    plain &= !anchored;
                    anchored = false;
                    start = "";
                }
                case '\\' -> escape();
                case '[' -> skipClass();
                case '(' -> skipGroup();
                case '.', '$', '+' -> endRun();
                case '?', '*' -> dropLast();
                case '{' -> {
                    dropLast();
                    at = Math.max(expression.indexOf('}', at), at - 1) + 1;
                }
                default -> literal(c);
            }
        }

        private void anchor() {
            endRun();
            if (at == 1 && (expression.length() == 1 || "?*{".indexOf(expression.charAt(1)) < 0)) {
                anchored = true;
                startOpen = true;
                plain = true;
            }
        }

        private void literal(char c) {
            if (anyCase && (c >= 0x80 || ODD_LETTERS.indexOf(c) >= 0)) {
                endRun();
            } else {
                run.append(c);
            }
        }

        private void endAlternative() {
            boolean wasPlain = plain;
            endRun();
            plain = wasPlain;
            found.add(best);
            best = "";
        }

        /** Something that is no literal character comes. */
        private void endRun() {
            if (startOpen) {
                start = run.toString();
                startOpen = false;
            }
            if (run.length() > best.length()) {
                best = run.toString();
            }
            run.setLength(0);
            plain = false;
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
                literal(c);
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
}
