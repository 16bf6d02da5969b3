/** Rows in the binary format of {@code COPY}, and where in a batch each of them is. */
@NullMarked
package dev.sluice.store.copy;

import org.jspecify.annotations.NullMarked;
