package dev.sluice.event;

/** What the first bytes of a connection show of its client. */
public enum FirstBytes {
    /** It may be a shipper. */
    SHIPPER,
    /** More bytes are needed to tell. */
    UNDECIDED,
    /** It begins a TLS handshake. */
    TLS,
    /** It sends an HTTP request, as browsers and health checks do. */
    HTTP,
    /** It sends the banner of SSH. */
    SSH,
    /** It sends a command of Redis. */
    REDIS,
    /** It opens a session of PostgreSQL. */
    POSTGRESQL;

    /** Whether it is certainly no shipper. */
    public boolean isForeign() {
        return this != SHIPPER && this != UNDECIDED;
    }
}
