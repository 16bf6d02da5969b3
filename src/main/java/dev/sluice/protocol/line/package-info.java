/**
 * What all protocols share: lines of text and where they end, frames counted in octets, the pieces that an oversize
 * frame becomes, and the repair of text that PostgreSQL would refuse.
 */
@NullMarked
package dev.sluice.protocol.line;

import org.jspecify.annotations.NullMarked;
