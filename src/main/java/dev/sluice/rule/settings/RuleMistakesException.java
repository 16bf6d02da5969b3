package dev.sluice.rule.settings;

import java.util.List;
import java.util.stream.Collectors;

/** The configuration of the rules is wrong; this names every mistake at once. */
public final class RuleMistakesException extends IllegalArgumentException {

    private static final long serialVersionUID = 1L;

    public RuleMistakesException(List<Mistake> mistakes) {
        super(mistakes.stream()
                .map(mistake -> "- " + mistake)
                .collect(Collectors.joining("\n", "The processors are not configured right:\n", "")));
    }
}
