/** What the listeners tell of themselves: calls for the meters, lines for the log, and why a connection ended. */
@NullMarked
package dev.sluice.listen.report;

import org.jspecify.annotations.NullMarked;
