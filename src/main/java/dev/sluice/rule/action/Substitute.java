package dev.sluice.rule.action;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.rule.field.RuleContext;
import dev.sluice.rule.settings.Settings;
import dev.sluice.text.ByteWriter;
import java.security.GeneralSecurityException;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * What stands in the place of what was redacted: a text, or a keyed hash by which equal values are still seen equal.
 */
final class Substitute {

    private static final String TEXT = "[redacted]";
    private static final String ALGORITHM = "HmacSHA256";
    private static final String HASH_PREFIX = "hmac:";

    /** 64 bits: two of a million different values are the same once in 37 million tries. */
    private static final int HASH_BYTES = 8;

    private static final int HASH_LENGTH = HASH_PREFIX.length() + 2 * HASH_BYTES;
    private static final int KEY_BYTES_MIN = 16;

    private final byte[] text;
    private final @Nullable Mac mac;

    Substitute(Settings settings) {
        String key = settings.text("hash-key").orElse("");
        if (settings.has("replacement") && settings.has("hash-key")) {
            settings.error("replacement", "stands beside hash-key, expected one of the two");
        }
        String replacement = settings.text("replacement").orElseGet(() -> settings.has("replacement") ? "" : TEXT);
        if (replacement.indexOf('\0') >= 0 || !UTF_8.newEncoder().canEncode(replacement)) {
            settings.error("replacement", "has a character that PostgreSQL refuses, expected text without NUL");
        }
        text = replacement.getBytes(UTF_8);
        mac = settings.has("hash-key") ? mac(key, settings) : null;
    }

    private static @Nullable Mac mac(String key, Settings settings) {
        byte[] bytes = key.getBytes(UTF_8);
        if (bytes.length < KEY_BYTES_MIN) {
            settings.error(
                    "hash-key",
                    "has " + bytes.length + " bytes, expected at least " + KEY_BYTES_MIN
                            + ", best from the environment: ${REDACTION_KEY}");
            return null;
        }
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(new SecretKeySpec(bytes, ALGORITHM));
            return mac;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Every Java has " + ALGORITHM, e);
        }
    }

    /** Appends what stands in the place of {@code bytes[from, to)}; a single asterisk where there is no room for it. */
    void put(byte[] bytes, int from, int to, ByteWriter out, RuleContext context) {
        int growth = (mac == null ? text.length : HASH_LENGTH) - (to - from);
        if (growth > 0 && !context.take(growth)) {
            out.put('*');
        } else if (mac == null) {
            out.put(text);
        } else {
            mac.update(bytes, from, to - from);
            out.put((HASH_PREFIX + HexFormat.of().formatHex(mac.doFinal(), 0, HASH_BYTES)).getBytes(UTF_8));
        }
    }
}
