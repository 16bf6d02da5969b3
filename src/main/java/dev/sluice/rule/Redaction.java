package dev.sluice.rule;

import dev.sluice.rule.action.RedactAction;
import dev.sluice.rule.field.RuleContext;
import java.util.Arrays;
import java.util.List;

/** All rules that redact, for what never becomes an event and so meets no condition. */
record Redaction(List<RedactAction> actions) {

    static Redaction of(List<Rule> rules) {
        return new Redaction(rules.stream()
                .map(Rule::action)
                .filter(RedactAction.class::isInstance)
                .map(RedactAction.class::cast)
                .toList());
    }

    boolean isEmpty() {
        return actions.isEmpty();
    }

    /** A redacted copy of a dead letter's payload. */
    byte[] payload(byte[] bytes, int from, int to) {
        byte[] payload = Arrays.copyOfRange(bytes, from, to);
        RuleContext context = new RuleContext();
        context.start(payload.length);
        for (RedactAction action : actions) {
            payload = action.payload(payload, context);
        }
        return payload;
    }
}
