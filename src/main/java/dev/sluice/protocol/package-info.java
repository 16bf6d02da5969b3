/**
 * The stage that turns bytes into events: framing, decoding and detection, one decoder a protocol. Pure functions of
 * bytes: no I/O, no framework.
 *
 * <p>In: the bytes of one connection, as the listener holds them ({@link dev.sluice.event.Framer}), and the payload of
 * one frame ({@link dev.sluice.event.ProtocolDecoder}). Out: events and dead letters, through
 * {@link dev.sluice.event.EventSink}. It holds nothing but a few numbers a connection: bytes stay with the listener,
 * and what had to be unescaped or repaired goes into the event's own scratch space, at most a small multiple of the
 * frame.
 */
@NullMarked
package dev.sluice.protocol;

import org.jspecify.annotations.NullMarked;
