package dev.sluice.protocol.line;

/** Ends the decoding of a frame that breaks off or grows too large, from inside of it; it never leaves its decoder. */
public final class UnfitException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final transient Rejection refusal;

    public UnfitException(Rejection refusal) {
        super(refusal.detail(), null, false, false);
        this.refusal = refusal;
    }

    /** Why the frame is no events. */
    public Rejection refusal() {
        return refusal;
    }
}
