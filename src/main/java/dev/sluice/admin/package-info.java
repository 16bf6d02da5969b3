/** What operators look at: health. Nothing depends on it, and it holds nothing. */
@NullMarked
package dev.sluice.admin;

import org.jspecify.annotations.NullMarked;
