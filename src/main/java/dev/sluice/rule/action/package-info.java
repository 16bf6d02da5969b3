/** What a rule does to the events that it applies to; {@link dev.sluice.rule.action.Actions} lists them. */
@NullMarked
package dev.sluice.rule.action;

import org.jspecify.annotations.NullMarked;
