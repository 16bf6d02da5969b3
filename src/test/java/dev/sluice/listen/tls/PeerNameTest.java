package dev.sluice.listen.tls;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.testing.TestAuthority;
import io.netty.pkitesting.CertificateBuilder;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** Whom a certificate names. */
class PeerNameTest {

    private static final TestAuthority AUTHORITY = new TestAuthority("authority");

    private static String of(String subject, UnaryOperator<CertificateBuilder> names) {
        return PeerName.of(AUTHORITY.signed(subject, names).bundle().getCertificate());
    }

    @Test
    void theDnsNameComesFirst() {
        assertThat(of("CN=common", all -> all.addSanRfc822Name("a@example").addSanDnsName("web-1.example")))
                .isEqualTo("web-1.example");
    }

    @Test
    void anotherAlternativeNameComesBeforeTheCommonName() {
        assertThat(of("CN=common", all -> all.addSanIpAddress("10.0.0.1"))).isEqualTo("10.0.0.1");
    }

    @Test
    void theCommonNameIsTheLast() {
        assertThat(of("OU=shop,CN=common", all -> all)).isEqualTo("common");
    }

    @Test
    void withoutAnyThereIsNone() {
        assertThat(of("O=shop", all -> all)).isNull();
    }

    @Test
    void itIsShortAndHasNoControlCharacters() {
        assertThat(of("CN=a\u0001b\u007f", all -> all)).isEqualTo("ab");
        assertThat(of("CN=" + "x".repeat(4000), all -> all)).hasSize(PeerName.LENGTH_MAX);
    }
}
