/**
 * The Forward protocol of Fluentd and Fluent Bit: MessagePack or JSON messages, packed and compressed entries, the
 * handshake by shared key.
 */
@NullMarked
package dev.sluice.protocol.forward;

import org.jspecify.annotations.NullMarked;
