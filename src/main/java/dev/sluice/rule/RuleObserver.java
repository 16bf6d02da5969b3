package dev.sluice.rule;

/** What the rules report, a rule and a frame batch at a time, never an event at a time. Called on the workers. */
public interface RuleObserver {

    /** An observer that does not look. */
    RuleObserver NONE = (rule, filtered, nanos) -> {};

    /**
     * A frame batch is through a rule.
     *
     * @param filtered events that the rule dropped
     * @param nanos the time that the rule took, estimated from every {@value RuleEncoder#TIMED_EVERY}th event
     */
    void applied(String rule, long filtered, long nanos);

    /** Of so many texts the rule redacted all that was left, because looking closer would have taken too much work. */
    default void cutShort(String rule, long texts) {
        // only metrics want to know
    }
}
