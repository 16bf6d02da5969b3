package dev.sluice.event;

import java.util.Locale;

/** What a shipper speaks. Also the bounded value of the {@code protocol} label. */
public enum Protocol {
    /** RFC 5424 and RFC 3164 in either framing of RFC 6587. */
    SYSLOG(false),
    /** One JSON object a line. */
    JSON(false),
    /** GELF 1.1: JSON objects that end with NUL. */
    GELF(false),
    /** rsyslog's RELP: syslog with an answer to every message. */
    RELP(true),
    /** Lumberjack 2 and the data frames of 1, as Beats and Logstash speak it. */
    LUMBERJACK(true),
    /** Forward v1, as Fluentd, Fluent Bit and Docker speak it. */
    FORWARD(true);

    private final String label = name().toLowerCase(Locale.ROOT);
    private final boolean acknowledged;

    Protocol(boolean acknowledged) {
        this.acknowledged = acknowledged;
    }

    /** The name in metrics, tables and configuration. */
    public String label() {
        return label;
    }

    /** Whether shippers may ask for an acknowledgement, so that replies must wait for the commit. */
    public boolean isAcknowledged() {
        return acknowledged;
    }
}
