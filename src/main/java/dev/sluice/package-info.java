/**
 * Sluice as a whole: {@link dev.sluice.Pipeline} shows the way of an event in one method,
 * {@link dev.sluice.SluiceConfiguration} makes the parts in the same order, {@link dev.sluice.config.SluiceProperties}
 * is what operators write, and {@link dev.sluice.config.MemoryCeiling} adds up what everything may hold.
 */
@NullMarked
package dev.sluice;

import org.jspecify.annotations.NullMarked;
