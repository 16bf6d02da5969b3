package dev.sluice.listen.tls;

import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.security.interfaces.RSAKey;
import java.security.spec.AlgorithmParameterSpec;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.time.Instant;
import java.util.Arrays;
import java.util.stream.Stream;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.X509KeyManager;
import org.jspecify.annotations.Nullable;

/**
 * Looks at a server's certificates before they are used: a key that belongs to another certificate is noticed nowhere
 * else but in every single handshake.
 */
final class KeyPairs {

    private static final String PSS = "RSASSA-PSS";
    private static final String[] KEY_TYPES = {"EC", "RSA", "EdDSA", PSS};
    private static final byte[] ANYTHING = {1, 2, 3};

    private KeyPairs() {}

    /**
     * When the first of the certificates ends.
     *
     * @throws IllegalArgumentException when there is none, or a key belongs to another
     */
    static Instant expiry(KeyManagerFactory keys) {
        X509KeyManager manager = Arrays.stream(keys.getKeyManagers())
                .filter(X509KeyManager.class::isInstance)
                .map(X509KeyManager.class::cast)
                .findFirst()
                .orElseThrow(KeyPairs::missing);
        return Arrays.stream(KEY_TYPES)
                .flatMap(type -> aliases(manager, type))
                .flatMap(alias -> chain(manager, alias))
                .map(certificate -> certificate.getNotAfter().toInstant())
                .min(Instant::compareTo)
                .orElseThrow(KeyPairs::missing);
    }

    private static IllegalArgumentException missing() {
        return new IllegalArgumentException("there is no certificate with a private key in it");
    }

    private static Stream<String> aliases(X509KeyManager manager, String type) {
        String @Nullable [] aliases = manager.getServerAliases(type, null);
        return aliases == null ? Stream.empty() : Arrays.stream(aliases);
    }

    private static Stream<X509Certificate> chain(X509KeyManager manager, String alias) {
        X509Certificate[] chain = manager.getCertificateChain(alias);
        requirePair(manager.getPrivateKey(alias), chain[0]);
        return Arrays.stream(chain);
    }

    private static void requirePair(PrivateKey secret, X509Certificate certificate) {
        PublicKey open = certificate.getPublicKey();
        try {
            Signature signature = Signature.getInstance(algorithm(open));
            if (open.getAlgorithm().equals(PSS)) {
                signature.setParameter(parameters(open));
            }
            signature.initSign(secret);
            signature.update(ANYTHING);
            byte[] signed = signature.sign();
            signature.initVerify(open);
            signature.update(ANYTHING);
            if (signature.verify(signed)) {
                return;
            }
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException(mismatch(certificate), e);
        }
        throw new IllegalArgumentException(mismatch(certificate));
    }

    private static String mismatch(X509Certificate certificate) {
        return "the private key is not that of the certificate "
                + certificate.getSubjectX500Principal().getName();
    }

    /** Those that the key itself prescribes, else the usual ones: without any it signs nothing. */
    private static AlgorithmParameterSpec parameters(PublicKey key) {
        AlgorithmParameterSpec own = key instanceof RSAKey rsa ? rsa.getParams() : null;
        return own != null ? own : new PSSParameterSpec("SHA-256", "MGF1", MGF1ParameterSpec.SHA256, 32, 1);
    }

    private static String algorithm(PublicKey key) {
        return switch (key.getAlgorithm()) {
            case "EC" -> "SHA256withECDSA";
            case "RSA" -> "SHA256withRSA";
            default -> key.getAlgorithm();
        };
    }
}
