/** What a Java that is too old can still run: it says so. Compiled for Java 8, and the main class of the jar. */
@NullMarked
package dev.sluice.launch;

import org.jspecify.annotations.NullMarked;
