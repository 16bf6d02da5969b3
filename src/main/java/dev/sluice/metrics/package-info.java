/**
 * What every stage reports, as meters: the only package besides {@code admin} that knows Micrometer. It implements the
 * observers that the stages define, and holds one set of meters a listener and protocol, nothing an event.
 */
@NullMarked
package dev.sluice.metrics;

import org.jspecify.annotations.NullMarked;
