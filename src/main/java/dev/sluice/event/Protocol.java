package dev.sluice.event;

import java.util.Locale;

/** What a shipper speaks. Also the bounded value of the {@code protocol} label. */
public enum Protocol {
    /** RFC 5424 and RFC 3164 in either framing of RFC 6587. */
    SYSLOG,
    /** One JSON object a line. */
    JSON,
    /** Forward v1 of Fluentd, Fluent Bit and Docker. */
    FORWARD;

    private final String label = name().toLowerCase(Locale.ROOT);

    /** The name in metrics, tables and configuration. */
    public String label() {
        return label;
    }
}
