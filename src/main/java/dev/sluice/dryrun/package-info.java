/**
 * Shows what would be stored, without a database and without ports.
 *
 * <p>In: the standard input, framed and decoded as that of one connection. Out: a line of JSON for each event. It holds
 * one read, or one frame where that is longer.
 */
@NullMarked
package dev.sluice.dryrun;

import org.jspecify.annotations.NullMarked;
