/**
 * The rules of the worker rail: what operators configure under {@code sluice.pipeline.processors}. In comes a decoded
 * {@link dev.sluice.event.LogEvent} on its way to the row encoder, out goes the same event, changed, or nothing, or a
 * dead letter. {@link dev.sluice.rule.Rules} is the way in; {@link dev.sluice.rule.action.Actions} lists what a rule
 * can do.
 *
 * <p>Each worker has rules of its own, so nothing here is shared between threads. It holds, besides the configuration,
 * what the rules add to the one event at hand; {@link dev.sluice.event.RowGrowth} says how much that is at most.
 */
@NullMarked
package dev.sluice.rule;

import org.jspecify.annotations.NullMarked;
