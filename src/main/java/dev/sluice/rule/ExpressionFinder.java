package dev.sluice.rule;

import com.google.re2j.Matcher;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Finds what a regular expression matches; where it has a group, the first group alone. */
final class ExpressionFinder extends Finder {

    private final Expression expression;
    private final int group;
    private @Nullable Matcher matcher;

    ExpressionFinder(Expression expression) {
        this.expression = expression;
        group = Math.min(expression.pattern().groupCount(), 1);
    }

    @Override
    boolean mayOccur(byte[] bytes, int from, int to) {
        matcher = null;
        return expression.mayOccur(bytes, from, to);
    }

    /** An anchor or a class may see something else in the whole than in its strings. */
    @Override
    boolean isSurelyAbsent(byte[] bytes, int from, int to) {
        return !mayOccur(bytes, from, to);
    }

    /** The matcher remembers where it stands, so that the finds of one text are one pass. */
    @Override
    boolean find(byte[] bytes, int from, int to, int at) {
        Matcher known = matcher;
        if (known == null || at == from) {
            known = expression.pattern().matcher(Arrays.copyOfRange(bytes, from, to));
            matcher = known;
        }
        while (known.find()) {
            int start = from + Math.max(known.start(group), 0);
            int end = from + known.end(group);
            if (known.start(group) >= 0 && end > start && start >= at) {
                return found(start, end);
            }
        }
        matcher = null;
        return false;
    }
}
