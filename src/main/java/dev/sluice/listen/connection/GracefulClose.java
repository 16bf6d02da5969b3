package dev.sluice.listen.connection;

import static dev.sluice.listen.report.ConnectionFailure.guarded;

import dev.sluice.listen.intake.FrameAssembler;
import dev.sluice.listen.report.ListenObserver.CloseReason;
import io.netty.channel.Channel;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * How one connection comes to its end when it is not the shipper who ends it: it is half-closed after its last reply,
 * so that the shipper goes elsewhere, and closed when nothing more comes. And why it ended, no matter who ended it. On
 * the connection's event loop only.
 */
@SuppressWarnings("FutureReturnValueIgnored") // the connection notices by itself when its channel is gone
final class GracefulClose {

    /**
     * Sluice wants to end: a shipper that has something to say says it now. A segment that is lost three times in a row
     * is on its way for 1.4 s (Linux sends it again after 0.2, 0.4 and 0.8 s).
     */
    private static final long DRAIN_QUIET_MILLIS = 1500;

    /**
     * A shipper that stopped in the midst of a frame, or of a record of TLS, has more to say: on a busy machine more
     * than half a second passed between two segments of a shipper that had long written both.
     */
    private static final long INSIDE_FRAME_MILLIS = TimeUnit.SECONDS.toMillis(5);

    /**
     * Sluice stays: a shipper that sends now and then, and only notices the half-close when it does, should not find
     * the connection closed. One that sends on for ever is read for ever: it has no acknowledgement, so a close loses
     * events.
     */
    private static final long QUIET_MILLIS = TimeUnit.SECONDS.toMillis(30);

    /** What comes now is dropped, for the shipper sends it again elsewhere: so it has no reason to stay. */
    private static final long DROPPING_MILLIS = TimeUnit.SECONDS.toMillis(5);

    /**
     * A quiet is made of so many polls without a read between. When the process stands still (its CPU is throttled, its
     * machine swaps) they do not come: that quiet is its own, and not the shipper's. No clock is asked: on a busy
     * machine a turn of the event loop takes longer than the time between two polls, and reads come first in it.
     */
    private static final int POLLS = 6;

    /** A shipper that takes no reply for so long takes none any more, though its kernel may still answer ours. */
    static final long STUCK_NANOS = TimeUnit.MINUTES.toNanos(5);

    /** Its answers take of the budget; while others wait for that, it has no longer than a partial frame has. */
    static final long STUCK_WANTED_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final ShipperConnection connection;
    private final SocketReads socket;
    private final Channel channel;
    private final FrameAssembler frames;
    private final Replies replies;
    private final Lifetime lifetime;
    private @Nullable CloseReason asked;
    private CloseReason reason = CloseReason.SHIPPER;

    /** In a row, without a read between. */
    private int quietPolls;

    private long readBeforePoll;

    GracefulClose(
            ShipperConnection connection,
            SocketReads socket,
            FrameAssembler frames,
            Replies replies,
            Lifetime lifetime) {
        this.connection = connection;
        this.socket = socket;
        channel = socket.channel();
        this.frames = frames;
        this.replies = replies;
        this.lifetime = lifetime;
    }

    /** Why it ended. */
    CloseReason reason() {
        return reason;
    }

    /** What stands without its end is a last frame; but nothing is made of what a bug left. */
    void lastFrame() {
        if (reason != CloseReason.INTERNAL_ERROR) {
            frames.end();
        }
    }

    /** It ends because of {@code why}, unless it was asked to go. */
    void because(CloseReason why) {
        reason = asked == null || why == CloseReason.INTERNAL_ERROR ? why : asked;
    }

    /** Ends it when its time is over. */
    void onTick(long nowNanos) {
        replies.poll(nowNanos);
        if (replies.isStuckFor(STUCK_NANOS)
                || (replies.isStuckFor(STUCK_WANTED_NANOS) && socket.allowance().isWanted())) {
            connection.close(CloseReason.REPLY_TIMEOUT);
            return;
        }
        CloseReason over = asked == null ? lifetime.over(nowNanos, connection.reading(), replies.isIdle()) : null;
        if (over == CloseReason.FIRST_BYTE_TIMEOUT) {
            connection.close(over);
        } else if (over != null) {
            begin(over, QUIET_MILLIS);
        }
    }

    /** Sluice shuts down. */
    void drain() {
        begin(CloseReason.DRAIN, DRAIN_QUIET_MILLIS);
    }

    private void begin(CloseReason why, long quietMillis) {
        asked = why;
        quietPolls = 0; // however long it has been quiet, it had no chance yet to answer the half-close
        frames.farewell();
        replies.whenAnswered(this::halfClose);
        pollLater(why, quietMillis / POLLS);
    }

    private void halfClose() {
        socket.shutdownOutput(replies.hasAcknowledged());
        if (connection.isDropping()) {
            channel.eventLoop().schedule(this::close, DROPPING_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    private void pollLater(CloseReason why, long millis) {
        channel.eventLoop().schedule(guarded(channel, () -> pollQuiet(why, millis)), millis, TimeUnit.MILLISECONDS);
    }

    private void pollQuiet(CloseReason why, long millis) {
        if (why != asked || !channel.isOpen()) {
            return; // Sluice shuts down, and polls more often now
        }
        ReadState reading = connection.reading();
        boolean quiet =
                replies.isIdle() && reading.is(ConnectionPhase.ARMED) && reading.lastReadNanos() == readBeforePoll;
        readBeforePoll = reading.lastReadNanos();
        quietPolls = quiet ? quietPolls + 1 : 0;
        long enough = connection.isInsideFrame() ? Math.max(POLLS, INSIDE_FRAME_MILLIS / millis) : POLLS;
        if (quietPolls >= enough) {
            close();
        } else {
            pollLater(why, millis);
        }
    }

    private void close() {
        connection.close(reason()); // it was asked to go
    }
}
