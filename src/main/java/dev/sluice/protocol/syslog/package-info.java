/**
 * Syslog as RFC 5424 and RFC 3164 have it, and as devices write it: frames by count or by line end (RFC 6587), the
 * header, structured data.
 */
@NullMarked
package dev.sluice.protocol.syslog;

import org.jspecify.annotations.NullMarked;
