package dev.sluice.listen.admission;

import dev.sluice.listen.report.ListenObserver.Refusal;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/**
 * What a new connection passes before it may send: one decision about it, or one thing to learn of it. Gates are shared
 * by all connections of a listener; what one of them needs for a single connection is a handler that it puts in front.
 */
public interface Gate {

    /**
     * Why nobody from {@code socket} can pass it, if that is known before anything is read; of the first gate alone,
     * because a proxy stands in front of the others. On the thread that accepts.
     */
    default @Nullable Refusal refusalOf(@Nullable InetAddress socket) {
        return null;
    }

    /** Calls {@link Admission#pass}, now or later, or {@link Admission#refuse}. On the connection's event loop. */
    void meet(Admission connection);
}
