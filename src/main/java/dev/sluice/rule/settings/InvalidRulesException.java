package dev.sluice.rule.settings;

import java.util.List;
import java.util.stream.Collectors;

/** The configuration of the rules is wrong; this names every mistake at once. */
public final class InvalidRulesException extends IllegalArgumentException {

    private static final long serialVersionUID = 1L;

    public InvalidRulesException(List<ConfigError> errors) {
        super(errors.stream()
                .map(mistake -> "- " + mistake)
                .collect(Collectors.joining("\n", "The processors are not configured right:\n", "")));
    }
}
