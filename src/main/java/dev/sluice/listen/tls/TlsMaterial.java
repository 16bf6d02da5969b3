package dev.sluice.listen.tls;

import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/**
 * What TLS is made of.
 *
 * @param keys the server's certificate and its private key
 * @param authorities who may have signed a shipper's certificate; null when shippers are not asked for one
 * @param versions of TLS that are spoken; empty means 1.2 and 1.3
 * @param ciphers that may be chosen; empty means the JDK's choice
 */
public record TlsMaterial(
        KeyManagerFactory keys,
        @Nullable TrustManagerFactory authorities,
        List<String> versions,
        List<String> ciphers) {}
