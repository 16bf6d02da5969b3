/** Finds secrets, literals and expressions in the bytes of an event, in time that is linear in their number. */
@NullMarked
package dev.sluice.rule.search;

import org.jspecify.annotations.NullMarked;
