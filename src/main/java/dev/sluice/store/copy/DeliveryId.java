package dev.sluice.store.copy;

import dev.sluice.event.Origin;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.UUID;

/**
 * The name under which a committed delivery is remembered: half of the SHA-256 of its source and of what it is known by
 * within it. So whatever a shipper calls it, the index has keys of 16 bytes and no statement has a shipper's text.
 */
final class DeliveryId {

    private static final MessageDigest SHA_256 = digest();

    private DeliveryId() {}

    static UUID of(Origin origin, byte[] identity) {
        MessageDigest digest = sha256();
        digest.update(ByteBuffer.allocate(Integer.BYTES)
                .putInt(origin.sourceBytes().length)
                .flip());
        digest.update(origin.sourceBytes());
        digest.update(identity);
        ByteBuffer hash = ByteBuffer.wrap(digest.digest());
        return new UUID(hash.getLong(), hash.getLong());
    }

    /** A new digest, without asking the providers, who lock. */
    private static MessageDigest sha256() {
        try {
            return (MessageDigest) SHA_256.clone();
        } catch (CloneNotSupportedException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private static MessageDigest digest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
