/** What decides whether a rule applies to an event. */
@NullMarked
package dev.sluice.rule.condition;

import org.jspecify.annotations.NullMarked;
