package dev.sluice.listen.budget;

import java.util.HashMap;
import java.util.Map;

/**
 * How the read share is divided: who may hold how much of it in an incomplete frame, so that those who have sent most
 * of a long one never stand in the way of those who send short ones.
 *
 * <p>Up to a half of the share, a connection may take a whole read. In the third quarter an incomplete frame may hold
 * {@link #SHORT_BYTES_MAX}, in the last one {@link #SCARCE_BYTES_MAX}, and never more than half of what is left: so it
 * takes more than a thousand of them to leave nothing to reads that complete what they bring. What those brought waits
 * for workers in what is left. Of the first half the last quarter is for sources that hold little, as soon as there is
 * more than one. So is an eighth of the share for those of which little waits for workers.
 *
 * <p>Guarded by the lock of the {@link MemoryBudget}.
 */
final class ReadShare {

    /** What an incomplete frame may hold where there is no room for long ones. */
    static final int SHORT_BYTES_MAX = 32 * 1024;

    /** What it may hold where there is hardly any room left. */
    static final int SCARCE_BYTES_MAX = 4 * 1024;

    /** A source that holds, or has queued, more than this part of the share leaves as much to the others. */
    private static final int SOURCE_PART = 8;

    private final long limit;
    private final Map<String, ReadSource> sources = new HashMap<>();

    /** Bytes of incomplete frames and of reads under way. */
    private long held;

    /** How many connections are in the midst of a frame. */
    private int inside;

    ReadShare(long limit) {
        this.limit = limit;
    }

    long limit() {
        return limit;
    }

    long held() {
        return held;
    }

    void hold(ReadSource source, long bytes) {
        held += bytes;
        source.hold(bytes);
    }

    /** One more connection is in the midst of a frame, or one less. */
    void inside(int change) {
        inside += change;
    }

    ReadSource join(String name) {
        ReadSource source = sources.computeIfAbsent(name, ReadSource::new);
        source.joined();
        return source;
    }

    void leave(ReadSource source) {
        if (source.left()) {
            sources.remove(source.name());
        }
    }

    /**
     * How many bytes a connection may read, or 0 when incomplete frames leave it no room.
     *
     * @param own what it holds already
     */
    int room(ReadSource source, int own) {
        boolean isLarge = sources.size() > 1 && source.heldBytes() > limit / SOURCE_PART;
        if (held + ReadAllowance.READ_BYTES <= limit / 2 - (isLarge ? limit / SOURCE_PART : 0)) {
            return ReadAllowance.READ_BYTES;
        }
        boolean isScarce = held + SHORT_BYTES_MAX > limit / 4 * 3;
        long room = Math.min(isScarce ? SCARCE_BYTES_MAX : SHORT_BYTES_MAX, (limit - held) / 2) - own;
        return room <= MemoryBudget.UNRESERVED_READ_BYTES ? 0 : Math.toIntExact(room);
    }

    /**
     * What {@code source} leaves to others when it reads. Only for what it has queued, which goes to the rail without
     * its doing: so it never waits for itself.
     */
    long leftToOthers(ReadSource source) {
        return sources.size() > 1 && source.queuedBytes() > limit / SOURCE_PART ? limit / SOURCE_PART : 0;
    }

    /** Whether others go first: of {@code left} bytes that are not in use, hardly any are for {@code source}. */
    boolean isHeldBack(ReadSource source, long left) {
        long forOthers = leftToOthers(source);
        return forOthers > 0 && left - forOthers < ReadAllowance.READ_BYTES;
    }

    /** Whether an incomplete frame of {@code bytes} is not one of the smallest: at least half of the mean. */
    boolean isLarge(int bytes) {
        return 2L * bytes * Math.max(1, inside) >= held;
    }
}
