/** Gathers rows into batches as large as the demand for them, and into the units that one transaction writes. */
@NullMarked
package dev.sluice.store.batch;

import org.jspecify.annotations.NullMarked;
