/**
 * What operators look at: health, and the page with what is served beside it. Nothing depends on it, and it holds the
 * page's files.
 */
@NullMarked
package dev.sluice.admin;

import org.jspecify.annotations.NullMarked;
