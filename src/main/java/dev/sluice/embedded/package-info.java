/**
 * The database of development runs: a real PostgreSQL that starts when no database is configured.
 *
 * <p>In: nothing. Out: the {@code spring.r2dbc.*} properties that lead to it. It holds one PostgreSQL server, its data
 * in a folder that is kept between runs. The container image does not contain it.
 */
@NullMarked
package dev.sluice.embedded;

import org.jspecify.annotations.NullMarked;
