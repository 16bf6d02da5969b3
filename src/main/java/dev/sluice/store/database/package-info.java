/** The servers of the database: which of them takes the writes, on which timeline, and the connections to it. */
@NullMarked
package dev.sluice.store.database;

import org.jspecify.annotations.NullMarked;
