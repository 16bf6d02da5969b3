package dev.sluice.protocol.forward;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * What a Forward listener demands of its shippers; shared by its connections. Nonces are hashes of a number and of a
 * secret that is drawn once, at start: the system's generator may block an event loop.
 */
public final class ForwardSecurity {

    private static final int NONCE_BYTES = 16;
    private static final int SECRET_BYTES = 32;
    private static final MessageDigest SHA_512 = digest();

    /** Not the host's own: Fluentd refuses a server of its own name. */
    private static final byte[] HOSTNAME = "sluice".getBytes(UTF_8);

    private final byte[] sharedKey;
    private final Map<String, byte[]> passwords = new HashMap<>();
    private final byte[] secret = new byte[SECRET_BYTES];
    private final AtomicLong drawn = new AtomicLong();

    /**
     * Demands a key and, if there are any, one of the users.
     *
     * @param passwords by user
     */
    public ForwardSecurity(String sharedKey, Map<String, String> passwords) {
        this.sharedKey = sharedKey.getBytes(UTF_8);
        passwords.forEach((user, password) -> this.passwords.put(user, password.getBytes(UTF_8)));
        new SecureRandom().nextBytes(secret);
    }

    byte[] sharedKey() {
        return sharedKey;
    }

    byte[] hostname() {
        return HOSTNAME;
    }

    boolean hasUsers() {
        return !passwords.isEmpty();
    }

    byte @Nullable [] password(String user) {
        return passwords.get(user);
    }

    /** Bytes that nobody can foresee and that never come again. */
    byte[] random() {
        MessageDigest digest = sha512();
        digest.update(secret);
        digest.update(Long.toString(drawn.incrementAndGet()).getBytes(UTF_8));
        byte[] random = new byte[NONCE_BYTES];
        System.arraycopy(digest.digest(), 0, random, 0, NONCE_BYTES);
        return random;
    }

    /** A new digest, without asking the providers, who lock. */
    static MessageDigest sha512() {
        try {
            return (MessageDigest) SHA_512.clone();
        } catch (CloneNotSupportedException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private static MessageDigest digest() {
        try {
            return MessageDigest.getInstance("SHA-512");
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
