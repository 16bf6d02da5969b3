package dev.sluice.rule;

import dev.sluice.rule.action.Action;
import dev.sluice.rule.condition.Condition;

/** One configured processor. */
record Rule(String name, Condition condition, Action action) {}
