/** Fakes and fixtures that several tests share, and the leak check that runs after all of them. */
@NullMarked
package dev.sluice.testing;

import org.jspecify.annotations.NullMarked;
