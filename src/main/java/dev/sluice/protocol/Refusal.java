package dev.sluice.protocol;

import dev.sluice.event.RejectReason;

/**
 * Why a frame is no event.
 *
 * @param detail one sentence for the operator, without bytes of the payload
 */
record Refusal(RejectReason reason, String detail) {}
