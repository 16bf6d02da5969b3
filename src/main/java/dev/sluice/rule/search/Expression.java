package dev.sluice.rule.search;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import dev.sluice.rule.settings.Settings;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A regular expression of RE2: one search takes linear time, whatever the expression and the text are. Runs on the
 * bytes of UTF-8, and not at all where a text that it requires does not occur.
 */
public final class Expression {

    private final Pattern pattern;
    private final Literal[] required;
    private final @Nullable Literal start;
    private final boolean isAnchored;
    private final boolean isLiteral;

    private Expression(String text) {
        pattern = Pattern.compile(text);
        RequiredLiterals literals = RequiredLiterals.of(text);
        required = literals.texts().stream()
                .map(each -> new Literal(each, literals.anyCase()))
                .toArray(Literal[]::new);
        start = literals.start().isEmpty() ? null : new Literal(literals.start(), literals.anyCase());
        isAnchored = literals.isAnchored();
        isLiteral = literals.isAll();
    }

    /** The expression, or a mistake noted in {@code settings} under {@code key}. */
    public static Optional<Expression> of(String text, Settings settings, String key) {
        if (!settings.takeSteps(ExpressionSize.of(text))) {
            settings.error(
                    key,
                    "has an expression that is too long, expected " + Settings.STEPS_MAX
                            + " steps at most for all rules together: each character and class is one, as often as {n} says");
            return Optional.empty();
        }
        try {
            return Optional.of(new Expression(text));
        } catch (PatternSyntaxException e) {
            settings.error(
                    key,
                    "is \"" + text + "\", expected a regular expression of RE2: " + e.getDescription()
                            + (e.getPattern().isEmpty() ? "" : " at " + e.getPattern()));
            return Optional.empty();
        }
    }

    public Pattern pattern() {
        return pattern;
    }

    /** Whether it may match anywhere in the texts of which these are the pairs. */
    boolean mayOccur(BytePairs pairs) {
        if (start != null && !start.mayOccur(pairs)) {
            return false;
        }
        for (Literal text : required) {
            if (text.mayOccur(pairs)) {
                return true;
            }
        }
        return required.length == 0;
    }

    /** Whether it may match anywhere in {@code bytes[from, to)} or in a part of it. */
    boolean mayOccur(byte[] bytes, int from, int to) {
        for (Literal text : required) {
            if (text.find(bytes, from, to) >= 0) {
                return true;
            }
        }
        return required.length == 0;
    }

    /** Whether it may match the text {@code bytes[from, to)}, some of whose pairs these are. */
    public boolean mayMatch(BytePairs pairs, byte[] bytes, int from, int to) {
        return mayOccur(pairs) && mayMatch(bytes, from, to);
    }

    /** Whether it may match the text {@code bytes[from, to)}. */
    public boolean mayMatch(byte[] bytes, int from, int to) {
        return start == null ? mayOccur(bytes, from, to) : start.isStart(bytes, from, to);
    }

    /** Whether it matches anywhere in the text {@code bytes[from, to)}, some of whose pairs these are. */
    public boolean matches(BytePairs pairs, byte[] bytes, int from, int to) {
        return mayMatch(pairs, bytes, from, to) && (isLiteral || findFirst(matcher(bytes, from, to)));
    }

    /**
     * Finds the first match. The engine takes the place after a character beyond ASCII for a start of the text, so it
     * is not asked to look anywhere else where only the start counts.
     */
    public boolean findFirst(Matcher matcher) {
        return isAnchored ? matcher.lookingAt() : matcher.find();
    }

    /** Finds the match after the last one. */
    boolean findNext(Matcher matcher) {
        return !isAnchored && matcher.find();
    }

    /** A matcher of a copy of {@code bytes[from, to)}; its places count from {@code from}. */
    public Matcher matcher(byte[] bytes, int from, int to) {
        return pattern.matcher(from == 0 && to == bytes.length ? bytes : Arrays.copyOfRange(bytes, from, to));
    }
}
