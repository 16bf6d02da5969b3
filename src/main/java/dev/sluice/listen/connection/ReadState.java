package dev.sluice.listen.connection;

import dev.sluice.listen.intake.FrameAssembler;
import dev.sluice.listen.report.ConnectionView;
import dev.sluice.listen.report.ListenObserver.Pause;
import dev.sluice.listen.report.ListenObserver.Wait;
import org.jspecify.annotations.Nullable;

/**
 * Whether a connection reads, since when it does not, and when it last did. Written on the connection's event loop; any
 * thread may read the state itself, and have a {@link #view}.
 */
final class ReadState {

    private final ListenerContext listener;
    private final FrameAssembler frames;
    private final Replies replies;
    private volatile ConnectionPhase reading = ConnectionPhase.ARMED;
    private @Nullable Pause pause;
    private long lastReadNanos = System.nanoTime();
    private long bytes;
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
    void read(int count, long nanos) {
        bytes += count;
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

    /** How it is. Any thread: what is no volatile here may be a read old, which is good enough to be looked at. */
    ConnectionView view() {
        return new ConnectionView(frames.origin(), reading.waits(), lastReadNanos, bytes);
    }

    /** The connection is gone. */
    void left() {
        listener.observer().left(frames.origin().source(), bytes);
    }

    /** Whether it was free to send for so long, and did not. */
    boolean isQuietFor(long nanos, long nowNanos) {
        return reading == ConnectionPhase.ARMED && nowNanos - lastReadNanos >= nanos;
    }
}
