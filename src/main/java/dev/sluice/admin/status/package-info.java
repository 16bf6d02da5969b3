/**
 * How the service is now, for those who look: one picture a second at most, taken only while somebody looks, and shared
 * by all of them. Holds the newest picture, and a sum for each of {@value dev.sluice.admin.status.Crowd#ROWS_KEPT}
 * sources while it is taken.
 */
@NullMarked
package dev.sluice.admin.status;

import org.jspecify.annotations.NullMarked;
