package dev.sluice.rule.search;

import com.google.re2j.Matcher;
import org.jspecify.annotations.Nullable;

/**
 * Finds what a regular expression matches; where it has a group, the first group alone. One search takes linear time,
 * but where a match looks further than it reaches, as {@code x(.*y)?} does, the next one reads the same text again. So
 * all searches in one text have a bound, and where it is reached, the rest of the text is found as a whole.
 */
public final class ExpressionFinder extends Finder {

    private final Expression expression;
    private final int group;
    private final BoundedText text = new BoundedText();
    private @Nullable Matcher matcher;
    private long textsCutShort;

    public ExpressionFinder(Expression expression) {
        this.expression = expression;
        group = Math.min(expression.pattern().groupCount(), 1);
    }

    @Override
    public boolean mayOccur(BytePairs pairs) {
        return expression.mayOccur(pairs);
    }

    /** An anchor or a class may see something else in the whole than in its strings. */
    @Override
    public boolean isSurelyAbsent(byte[] bytes, int from, int to) {
        return !expression.mayOccur(bytes, from, to);
    }

    /** The matcher remembers where it stands. */
    @Override
    public boolean find(byte[] bytes, int from, int to, int at) {
        if (at == from) {
            if (!expression.mayOccur(bytes, from, to)) {
                return false;
            }
            text.begin(bytes, from, to);
            matcher = null;
        }
        boolean any;
        try {
            any = next(at);
        } catch (BoundedText.UsedUp e) {
            textsCutShort++;
            any = found(at, to);
        }
        if (!any || end() == to) {
            text.end();
            matcher = null;
        }
        return any;
    }

    private boolean next(int at) {
        Matcher known = matcher;
        boolean any;
        if (known == null) {
            known = expression.pattern().matcher(text);
            matcher = known;
            any = expression.findFirst(known);
        } else {
            any = expression.findNext(known);
        }
        while (any) {
            if (known.start(group) >= 0) {
                int start = text.place(known.start(group));
                int end = text.place(known.end(group));
                if (end > start && start >= at) {
                    return found(start, end);
                }
            }
            any = expression.findNext(known);
        }
        return false;
    }

    @Override
    public long takeTextsCutShort() {
        long count = textsCutShort;
        textsCutShort = 0;
        return count;
    }
}
