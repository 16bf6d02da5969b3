/** How the process ends when it cannot go on. Nothing depends on it but the root. */
@NullMarked
package dev.sluice.exit;

import org.jspecify.annotations.NullMarked;
