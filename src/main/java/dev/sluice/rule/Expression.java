package dev.sluice.rule;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A regular expression of RE2, whose time is linear in the text whatever the expression and the text are. Runs on the
 * bytes of UTF-8, and not at all where a text that it requires does not occur.
 */
final class Expression {

    private final Pattern pattern;
    private final List<Literal> required;
    private final boolean literal;

    private Expression(String text) {
        pattern = Pattern.compile(text);
        required = RequiredLiterals.of(text).stream().map(Literal::new).toList();
        literal = required.size() == 1 && required.getFirst().toString().equals(text);
    }

    /** The expression, or a mistake noted in {@code settings} under {@code key}. */
    static Optional<Expression> of(String text, Settings settings, String key) {
        try {
            return Optional.of(new Expression(text));
        } catch (PatternSyntaxException e) {
            settings.mistake(
                    key,
                    "is \"" + text + "\", expected a regular expression of RE2: " + e.getDescription()
                            + (e.getPattern().isEmpty() ? "" : " at " + e.getPattern()));
            return Optional.empty();
        }
    }

    Pattern pattern() {
        return pattern;
    }

    /** Whether it may match anywhere in {@code bytes[from, to)}; quick. */
    boolean mayOccur(byte[] bytes, int from, int to) {
        if (required.isEmpty()) {
            return true;
        }
        for (Literal text : required) {
            if (text.find(bytes, from, to) >= 0) {
                return true;
            }
        }
        return false;
    }

    /** Whether it matches anywhere in {@code bytes[from, to)}. */
    boolean occurs(byte[] bytes, int from, int to) {
        return mayOccur(bytes, from, to) && (literal || matcher(bytes, from, to).find());
    }

    /** A matcher of a copy of {@code bytes[from, to)}; its places count from {@code from}. */
    Matcher matcher(byte[] bytes, int from, int to) {
        return pattern.matcher(from == 0 && to == bytes.length ? bytes : Arrays.copyOfRange(bytes, from, to));
    }
}
