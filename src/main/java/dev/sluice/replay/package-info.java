/**
 * Dead letters that come back: decoded with the configuration and the rules of today, and stored.
 *
 * <p>In: rows of {@code dead_letter}. Out: rows of {@code log_event} with their old {@code received_at}, and a report.
 * It holds one batch of 256 KB of payloads, or one payload where that is longer, and what it becomes.
 */
@NullMarked
package dev.sluice.replay;

import org.jspecify.annotations.NullMarked;
