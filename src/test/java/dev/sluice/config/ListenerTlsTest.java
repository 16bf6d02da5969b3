package dev.sluice.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.listen.tls.TlsSettings.ClientAuth;
import dev.sluice.testing.TestAuthority;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.junit.jupiter.api.Test;
import org.springframework.boot.ssl.DefaultSslBundleRegistry;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.SslStoreBundle;

class ListenerTlsTest {

    private static final TestAuthority AUTHORITY = new TestAuthority("authority");
    private static final Instant SOON = Instant.now().truncatedTo(ChronoUnit.SECONDS);

    private static SslBundle bundle(Instant end) throws Exception {
        char[] secret = "secret".toCharArray();
        var keys = AUTHORITY
                .signed("CN=sluice", certificate -> certificate.notAfter(end))
                .bundle()
                .toKeyStore(secret);
        return SslBundle.of(SslStoreBundle.of(keys, new String(secret), null));
    }

    @Test
    void aCertificateThatIsRenewedWhileTheListenerIsMadeIsNotMissed() throws Exception {
        Instant end = SOON.plus(Duration.ofDays(20));
        SslBundle renewed = bundle(end);
        var bundles = new DefaultSslBundleRegistry("shippers", bundle(SOON.plus(Duration.ofDays(10)))) {
            private boolean isRead;

            @Override
            public SslBundle getBundle(String name) {
                SslBundle bundle = super.getBundle(name);
                if (!isRead) {
                    isRead = true;
                    updateBundle(name, renewed);
                }
                return bundle;
            }
        };
        var tls = new TlsProperties("shippers", TlsProperties.Mode.REQUIRED, ClientAuth.NONE, Duration.ofSeconds(10));
        assertThat(new ListenerTls("main", tls).of(bundles).expiry()).isEqualTo(end);
    }
}
