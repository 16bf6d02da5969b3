package dev.sluice.rule;

/** One configured processor. */
record Rule(String name, Condition condition, Action action) {}
