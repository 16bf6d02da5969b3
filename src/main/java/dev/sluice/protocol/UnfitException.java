package dev.sluice.protocol;

/** Ends the decoding of a frame that breaks off or grows too large, from inside of it; it never leaves its decoder. */
final class UnfitException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final transient Refusal refusal;

    UnfitException(Refusal refusal) {
        super(refusal.detail(), null, false, false);
        this.refusal = refusal;
    }

    /** Why the frame is no events. */
    Refusal refusal() {
        return refusal;
    }
}
