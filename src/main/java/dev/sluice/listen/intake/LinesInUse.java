package dev.sluice.listen.intake;

/**
 * Whether sources of which little waits stand beside others of which much does: whether one of the last {@link #TAKES}
 * frame batches was of the former while one of the latter waited. Under the lock of the intake.
 */
final class LinesInUse {

    /** About 4 MB of frames, so that it does not change with each frame batch. */
    static final int TAKES = 64;

    private int takesLeft;

    /** A frame batch leaves {@code line}, one of the two; {@code much} is that of sources of which much waits. */
    void leaves(FrameBatchQueue line, FrameBatchQueue much) {
        boolean besideOthers = line != much
                && !much.isEmpty()
                && line.first().lastSource() != much.first().lastSource();
        takesLeft = besideOthers ? TAKES : Math.max(0, takesLeft - 1);
    }

    boolean areBoth() {
        return takesLeft > 0;
    }
}
