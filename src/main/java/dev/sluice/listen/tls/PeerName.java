package dev.sluice.listen.tls;

import java.security.cert.Certificate;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/** What a shipper is called by the certificate that it proved to have. */
final class PeerName {

    /** As long as a DNS name may be, and some; a certificate may hold kilobytes. */
    static final int LENGTH_MAX = 255;

    /** The kinds of alternative names, as RFC 5280 numbers them: DNS, URI, e-mail, address. */
    private static final int[] KINDS = {2, 6, 1, 7};

    private PeerName() {}

    /** Its first alternative name, else its common name; null when it showed no certificate, or one without either. */
    static @Nullable String of(SSLSession session) {
        try {
            Certificate[] chain = session.getPeerCertificates();
            return chain.length > 0 && chain[0] instanceof X509Certificate certificate ? of(certificate) : null;
        } catch (SSLPeerUnverifiedException _) {
            return null; // it was not asked for one, or has none
        }
    }

    static @Nullable String of(X509Certificate certificate) {
        return Stream.concat(alternatives(certificate), commonNames(certificate))
                .map(PeerName::clean)
                .filter(name -> !name.isEmpty())
                .findFirst()
                .orElse(null);
    }

    private static Stream<String> alternatives(X509Certificate certificate) {
        Collection<List<?>> names = names(certificate);
        return IntStream.of(KINDS)
                .boxed()
                .flatMap(kind -> names.stream()
                        .filter(name -> Objects.equals(name.get(0), kind))
                        .map(name -> String.valueOf(name.get(1))));
    }

    private static Collection<List<?>> names(X509Certificate certificate) {
        try {
            Collection<List<?>> names = certificate.getSubjectAlternativeNames();
            return names == null ? List.of() : names;
        } catch (CertificateParsingException _) {
            return List.of();
        }
    }

    private static Stream<String> commonNames(X509Certificate certificate) {
        try {
            return new LdapName(certificate.getSubjectX500Principal().getName())
                    .getRdns().reversed().stream()
                            .filter(part -> part.getType().equalsIgnoreCase("CN"))
                            .map(Rdn::getValue)
                            .map(String::valueOf);
        } catch (InvalidNameException _) {
            return Stream.empty();
        }
    }

    private static String clean(String name) {
        StringBuilder clean = new StringBuilder();
        name.codePoints()
                .filter(character -> !Character.isISOControl(character) && !isHalf(character))
                .limit(LENGTH_MAX)
                .forEach(clean::appendCodePoint);
        return clean.toString().strip();
    }

    /** Half of a pair that encodes one character. */
    private static boolean isHalf(int character) {
        return character >= Character.MIN_SURROGATE && character <= Character.MAX_SURROGATE;
    }
}
