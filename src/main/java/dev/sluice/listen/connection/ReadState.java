package dev.sluice.listen.connection;

import dev.sluice.listen.intake.FrameAssembler;
import dev.sluice.listen.report.ListenObserver.Pause;
import dev.sluice.listen.report.ListenObserver.Wait;
import org.jspecify.annotations.Nullable;

/**
 * Whether a connection reads, since when it does not, and when it last did. Written on the connection's event loop; the
 * state itself is read by any thread.
 */
final class ReadState {

    private final ListenerContext listener;
    private final FrameAssembler frames;
    private final Replies replies;
    private volatile ConnectionPhase reading = ConnectionPhase.ARMED;
    private @Nullable Pause pause;
    private long lastReadNanos = System.nanoTime();
    private boolean silent = true;

    ReadState(ListenerContext listener, FrameAssembler frames, Replies replies) {
        this.listener = listener;
        this.frames = frames;
        this.replies = replies;
    }

    ConnectionPhase now() {
        return reading;
    }

    boolean is(ConnectionPhase state) {
        return reading == state;
    }

    /** Bytes came. */
    void readAt(long nanos) {
        lastReadNanos = nanos;
        silent = false;
    }

    /** Whether nothing ever came. */
    boolean isSilent() {
        return silent;
    }

    void pause(Wait why) {
        reading = ConnectionPhase.awaiting(why);
        replies.paused(true);
        pause = listener.observer().throttled(frames.origin(), why);
    }

    /** Ends the pause, if there is one. */
    void unpause(ConnectionPhase next) {
        Pause over = pause;
        if (over != null) {
            pause = null;
            replies.paused(false);
            over.end();
        }
        lastReadNanos = System.nanoTime(); // from here on it may be quiet
        reading = next;
    }

    /** When it last read, or was allowed to. */
    long lastReadNanos() {
        return lastReadNanos;
    }

    /** Whether it was free to send for so long, and did not. */
    boolean isQuietFor(long nanos, long nowNanos) {
        return reading == ConnectionPhase.ARMED && nowNanos - lastReadNanos >= nanos;
    }
}
