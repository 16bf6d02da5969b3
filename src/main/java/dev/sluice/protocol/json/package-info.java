/** Events that are JSON objects, one a line or laid out over several, and GELF: which key fills which column. */
@NullMarked
package dev.sluice.protocol.json;

import org.jspecify.annotations.NullMarked;
