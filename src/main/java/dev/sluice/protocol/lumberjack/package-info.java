/** Lumberjack version 2, the protocol of Beats and Logstash: windows of JSON events, also compressed. */
@NullMarked
package dev.sluice.protocol.lumberjack;

import org.jspecify.annotations.NullMarked;
