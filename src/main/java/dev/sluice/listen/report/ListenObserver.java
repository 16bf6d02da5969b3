package dev.sluice.listen.report;

import dev.sluice.event.FirstBytes;
import dev.sluice.event.Origin;
import dev.sluice.event.Protocol;

/** What the listeners report, a call a read or a change of a connection; cheap, from event loops. */
public interface ListenObserver {

    /** Why a connection ended. The bounded value of a label. */
    enum CloseReason {
        /** The shipper closed it. */
        SHIPPER,
        /** It broke: a reset, a timeout of the kernel. */
        ERROR,
        /** Sluice failed, by a bug. */
        INTERNAL_ERROR,
        /** It did not complete a frame in time while others waited for the memory that the frame holds. */
        FRAME_TIMEOUT,
        /** It sent what is not its protocol. */
        PROTOCOL_ERROR,
        /** It did not prove that it knows the shared key, or a password, of a listener of Forward. */
        UNAUTHORIZED,
        /** It began a TLS handshake on a port that speaks none. */
        TLS_HELLO,
        /** It sent an HTTP request. */
        HTTP_REQUEST,
        /** It is a client of SSH. */
        SSH,
        /** It is a client of Redis. */
        REDIS,
        /** It is a client of PostgreSQL. */
        POSTGRESQL,
        /** It sent nothing from the beginning. */
        FIRST_BYTE_TIMEOUT,
        /** It sent nothing for long. */
        IDLE_TIMEOUT,
        /** It did not take its replies for long. */
        REPLY_TIMEOUT,
        /** It was old; its shipper connects anew, perhaps to another replica. */
        MAX_AGE,
        /** Sluice shut down. */
        DRAIN;

        /** Why a connection is closed that does not speak its protocol and began as {@code first} shows. */
        public static CloseReason of(FirstBytes first) {
            return switch (first) {
                case SHIPPER, UNDECIDED -> PROTOCOL_ERROR;
                case TLS -> TLS_HELLO;
                case HTTP -> HTTP_REQUEST;
                case SSH -> SSH;
                case REDIS -> REDIS;
                case POSTGRESQL -> POSTGRESQL;
            };
        }
    }

    /** Why a connection was refused before it could send. The bounded value of a label. */
    enum Refusal {
        /** The listener has as many as it may. */
        MAX_CONNECTIONS,
        /** The process has as many files open as it may, but for those that are kept for lanes and the HTTP port. */
        DESCRIPTORS,
        /** Its source has as many as it may. */
        MAX_CONNECTIONS_PER_SOURCE,
        /** It comes from a network that is not allowed. */
        NOT_ALLOWED,
        /** It comes from no proxy that is believed. */
        PROXY_NOT_TRUSTED,
        /** It did not begin with the header of a proxy. */
        PROXY_HEADER,
        /** It did not say in time what is asked of it before it may send. */
        ARRIVAL_TIMEOUT,
        /** Sluice shuts down. */
        DRAINING,
        /** It does not speak TLS, and has to. */
        TLS_PLAINTEXT,
        /** Its certificate is missing, or was not verified. */
        TLS_CERTIFICATE,
        /** The handshake took too long. */
        TLS_TIMEOUT,
        /** The handshake failed: no common version or cipher, our certificate refused, or it broke off. */
        TLS_HANDSHAKE
    }

    /** What a connection waits for while its reads are stopped. The bounded value of a label. */
    enum Wait {
        /** Workers, or the database after them, do not keep up: enough of what it sent waits for them. */
        RAIL,
        /** They do not keep up, and the budget is spent. */
        BUDGET,
        /** Too many of its replies wait for a commit, or for a shipper that does not take them. */
        REPLIES,
        /** Its source sent more than it may. */
        RATE
    }

    /** Why bytes that were read came to nothing. The bounded value of a label. */
    enum Discard {
        /** They are not the protocol, or stand after what is not; the connection is closed. */
        PROTOCOL_ERROR,
        /** The conversation was over. */
        GOODBYE,
        /** The connection ended inside of what would have been answered; the shipper still has it. */
        INCOMPLETE,
        /** The shipper was sent elsewhere, where it sends again what was not answered. */
        FAREWELL,
        /** Their framing failed, by a bug or for want of memory; the connection is closed. */
        FAILED
    }

    /** A connection waits. */
    interface Pause {
        /** It waits no more; called once. */
        void end();
    }

    /** The kernel gave no connection to the listener, for want of a descriptor most likely. */
    void acceptFailed(String listener);

    /** A connection was accepted; it is to be closed or refused once. */
    void opened(String listener);

    /** A connection ended. */
    void closed(String listener, CloseReason reason);

    /** A connection that ended had sent so many bytes. */
    void left(String source, long bytes);

    /** A connection was closed before it could send. */
    void refused(String listener, Refusal reason);

    /**
     * {@code bytes} were read and {@code events} completed; it took {@code busyNanos} of the event loop. More than once
     * a read: each delivery is counted before it can be stored.
     */
    void read(Origin origin, int bytes, int events, long busyNanos);

    /** Of what {@code origin} sent, so many bytes became neither events nor dead letters, and are no framing. */
    void discarded(Origin origin, Discard why, int bytes);

    /** So many events of {@code origin} go on with the one before each, which was full or could not wait. */
    void wentOn(Origin origin, int events);

    /** {@code acks} acknowledgements were written to a shipper. */
    void acknowledged(Protocol protocol, int acks);

    /** Reads of a connection from {@code origin} stopped, until the pause ends or the connection does. */
    Pause throttled(Origin origin, Wait why);
}
