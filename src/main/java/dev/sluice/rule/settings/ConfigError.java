package dev.sluice.rule.settings;

/**
 * One thing that is wrong in the configuration of the rules.
 *
 * @param rule the rule's name, or its place when it has none
 * @param property the whole path of the property
 * @param text what is wrong and what would be right
 */
public record ConfigError(String rule, String property, String text) {

    @Override
    public String toString() {
        return property + " (rule " + rule + "): " + text;
    }
}
