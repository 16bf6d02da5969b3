package dev.sluice.config;

/** The start was told to stop while it waited, and has said so: no failure. */
public final class StartStoppedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** Stopped by that. */
    public StartStoppedException(InterruptedException stopped) {
        super(stopped);
    }
}
