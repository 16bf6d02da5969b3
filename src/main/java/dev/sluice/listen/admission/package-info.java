/**
 * Who may connect, how many and how fast: networks, sources, limits, proxies, and the gates that a connection passes.
 */
@NullMarked
package dev.sluice.listen.admission;

import org.jspecify.annotations.NullMarked;
