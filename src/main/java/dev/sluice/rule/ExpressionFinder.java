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
    boolean mayOccur(BytePairs pairs) {
        return expression.mayOccur(pairs);
    }

    /** An anchor or a class may see something else in the whole than in its strings. */
    @Override
    boolean isSurelyAbsent(byte[] bytes, int from, int to) {
        return !expression.mayOccur(bytes, from, to);
    }

    /** The matcher remembers where it stands, so that the finds of one text are one pass. */
    @Override
    boolean find(byte[] bytes, int from, int to, int at) {
        Matcher known = at == from ? null : matcher;
        boolean any;
        if (known != null) {
            any = expression.findNext(known);
        } else if (expression.mayOccur(bytes, from, to)) {
            known = expression.pattern().matcher(Arrays.copyOfRange(bytes, from, to));
            any = expression.findFirst(known);
        } else {
            return false;
        }
        matcher = known;
        while (any) {
            int start = from + Math.max(known.start(group), 0);
            int end = from + known.end(group);
            if (known.start(group) >= 0 && end > start && start >= at) {
                return found(start, end);
            }
            any = expression.findNext(known);
        }
        matcher = null;
        return false;
    }
}
