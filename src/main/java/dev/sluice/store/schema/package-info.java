/**
 * The tables: their migration, the partition of each day, what is removed and when, and the look at what the owner of
 * the database changed.
 */
@NullMarked
package dev.sluice.store.schema;

import org.jspecify.annotations.NullMarked;
