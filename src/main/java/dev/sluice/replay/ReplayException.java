package dev.sluice.replay;

/** A replay ended before its end. What it had committed stays replayed; the rest is as it was. */
public final class ReplayException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final transient ReplayReport report;

    ReplayException(ReplayReport report, String message, Throwable cause) {
        super(message, cause);
        this.report = report;
    }

    /** What it had done. */
    public ReplayReport report() {
        return report;
    }
}
