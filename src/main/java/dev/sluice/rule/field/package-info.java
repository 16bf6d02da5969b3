/** What a rule can read of the event at hand and change in it. */
@NullMarked
package dev.sluice.rule.field;

import org.jspecify.annotations.NullMarked;
