/**
 * What became of a failed transaction: {@link dev.sluice.store.failure.WriteFailure} is the one place that decides it.
 */
@NullMarked
package dev.sluice.store.failure;

import org.jspecify.annotations.NullMarked;
