package dev.sluice.listen.connection;

import dev.sluice.listen.admission.Sources;
import dev.sluice.listen.admission.TokenBucket;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/**
 * Who sends by a connection.
 *
 * @param source the name of its certificate, else its address
 * @param group whose connections share memory fairly with those of others: the same, but of IPv6 the /64
 * @param rate what it shares with the other connections of its address, where a rate is limited
 */
record Shipper(String source, String group, @Nullable TokenBucket rate) {

    Shipper(String source, @Nullable TokenBucket rate) {
        this(source, source, rate);
    }

    /** By its certificate, if it has one, else by its address. */
    static Shipper of(@Nullable String subject, @Nullable InetAddress address, @Nullable TokenBucket rate) {
        if (subject != null || address == null) {
            return new Shipper(subject == null ? "unknown" : subject, rate);
        }
        return new Shipper(address.getHostAddress(), Sources.groupOf(address), rate);
    }
}
