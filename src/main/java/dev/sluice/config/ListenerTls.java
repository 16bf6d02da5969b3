package dev.sluice.config;

import dev.sluice.listen.tls.TlsCredentials;
import dev.sluice.listen.tls.TlsMaterial;
import java.util.List;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.ssl.NoSuchSslBundleException;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.SslBundles;

/** Makes a listener's TLS of the SSL bundle that it names, and anew whenever the bundle's files change. */
public record ListenerTls(String listener, TlsProperties tls) {

    private static final Logger LOG = LoggerFactory.getLogger(ListenerTls.class);

    /** What the listener speaks TLS with, or null when it does not. */
    public @Nullable TlsCredentials of(SslBundles bundles) {
        if (!tls.isOn()) {
            return null;
        }
        try {
            SslBundle first = bundles.getBundle(tls.bundle());
            TlsCredentials credentials = new TlsCredentials(tls.settings(), material(first));
            bundles.addBundleUpdateHandler(tls.bundle(), bundle -> replace(credentials, bundle));
            SslBundle since = bundles.getBundle(tls.bundle());
            if (!since.equals(first)) {
                replace(credentials, since); // it changed before there was anybody to tell
            }
            return credentials;
        } catch (NoSuchSslBundleException e) {
            throw new StartupException(
                    property("bundle") + " is " + tls.bundle()
                            + ", but spring.ssl.bundle has none of this name. It has " + bundles.getBundleNames() + ".",
                    "Name one of them, or add one of this name.",
                    e);
        } catch (IllegalStateException | IllegalArgumentException e) {
            throw new StartupException(
                    property("bundle") + " is " + tls.bundle() + ", which cannot be used: " + e.getMessage() + ".",
                    "Correct this bundle under spring.ssl.bundle.",
                    e);
        }
    }

    private void replace(TlsCredentials credentials, SslBundle bundle) {
        try {
            credentials.replace(material(bundle));
            LOG.info("Listener {} has a new certificate, which ends {}", listener, credentials.expiry());
        } catch (RuntimeException e) {
            LOG.error(
                    "Listener {} keeps its certificate, which ends {}: the new one of bundle {} cannot be used: {}",
                    listener,
                    credentials.expiry(),
                    tls.bundle(),
                    e.getMessage());
        }
    }

    private TlsMaterial material(SslBundle bundle) {
        return new TlsMaterial(
                bundle.getManagers().getKeyManagerFactory(),
                authorities(bundle),
                list(bundle.getOptions().getEnabledProtocols()),
                list(bundle.getOptions().getCiphers()));
    }

    /** Without a trust store of their own the JDK would trust every public authority. */
    private @Nullable TrustManagerFactory authorities(SslBundle bundle) {
        if (!tls.clientAuth().asks()) {
            return null;
        }
        if (bundle.getStores().getTrustStore() == null) {
            throw new IllegalArgumentException(property("client-auth") + " is " + tls.clientAuth()
                    + ", but the bundle has no truststore that says who may sign the shippers' certificates");
        }
        return bundle.getManagers().getTrustManagerFactory();
    }

    private String property(String leaf) {
        return "sluice.listeners." + listener + ".tls." + leaf;
    }

    private static List<String> list(String @Nullable [] values) {
        return values == null ? List.of() : List.of(values);
    }
}
