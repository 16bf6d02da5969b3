package dev.sluice.protocol.line;

import dev.sluice.event.RejectReason;

/**
 * Why a frame is no event.
 *
 * @param detail one sentence for the operator, without bytes of the payload
 */
public record Rejection(RejectReason reason, String detail) {}
