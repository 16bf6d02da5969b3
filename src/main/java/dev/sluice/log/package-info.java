/** What Sluice does to the log before it is written. Nothing depends on it but the root. */
@NullMarked
package dev.sluice.log;

import org.jspecify.annotations.NullMarked;
