/** The memory that reading may take: how it is granted to connections, and how fairly to those who send. */
@NullMarked
package dev.sluice.listen.budget;

import org.jspecify.annotations.NullMarked;
