package dev.sluice.store.copy;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** A copy of a row that {@code log_event} took lately from any of the lanes. Any thread. */
public final class KeptRow {

    static final int BYTES_MAX = 4096;

    private volatile @Nullable Span row;

    /** Keeps the first of these, unless it is large. */
    public void keep(Span rows) {
        int length = CopyFormat.skipRows(rows.bytes(), rows.from(), 1) - rows.from();
        if (length <= BYTES_MAX) {
            row = Span.of(Arrays.copyOfRange(rows.bytes(), rows.from(), rows.from() + length), 1);
        }
    }

    /** Null when there was none yet. */
    @Nullable
    public Span row() {
        return row;
    }
}
