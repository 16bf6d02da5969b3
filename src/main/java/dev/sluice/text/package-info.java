/**
 * Text as bytes: UTF-8, JSON, times, levels, and tables of names, read and written without making strings.
 *
 * <p>In and out: byte arrays and ranges of them; this package depends on the JDK alone, and decoders and rules read the
 * same text alike because both read it here. It holds nothing by itself.
 */
@NullMarked
package dev.sluice.text;

import org.jspecify.annotations.NullMarked;
