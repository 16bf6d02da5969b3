package dev.sluice.protocol.forward;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.protocol.forward.MsgPackHead.Kind;
import dev.sluice.text.ByteWriter;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * The conversation of one connection before its first message: the server greets with a nonce, the shipper proves that
 * it knows the shared key and, where there are users, a password; the server proves that it knows the key, too.
 */
public final class ForwardHandshake {

    static final int PING_ELEMENTS = 6;

    /** A greeting is six short texts. */
    static final int BYTES_MAX = 8 * 1024;

    private static final byte[] HELO = "HELO".getBytes(US_ASCII);
    private static final byte[] PING = "PING".getBytes(US_ASCII);
    private static final byte[] NO_PASSWORD = new byte[0];

    private final ForwardSecurity security;
    private final byte[] nonce;
    private final byte[] authSalt;
    private boolean done;

    public ForwardHandshake(ForwardSecurity security) {
        this.security = security;
        nonce = security.random();
        authSalt = security.hasUsers() ? security.random() : new byte[0];
    }

    /** Whether messages may come. */
    boolean isDone() {
        return done;
    }

    /** Writes {@code ["HELO", {"nonce": .., "auth": .., "keepalive": true}]}. */
    void greet(ByteWriter out) {
        out.put(0x92);
        text(out, HELO);
        out.put(0x83);
        text(out, "nonce".getBytes(US_ASCII));
        binary(out, nonce);
        text(out, "auth".getBytes(US_ASCII));
        binary(out, authSalt);
        text(out, "keepalive".getBytes(US_ASCII));
        out.put(0xC3);
    }

    /**
     * Answers a PING that fills {@code bytes[from, to)}.
     *
     * @return whether the shipper may go on
     */
    boolean answer(byte[] bytes, int from, int to, ByteWriter out) {
        byte[][] ping = texts(bytes, from, to);
        if (!Arrays.equals(ping[0], PING)) {
            return false;
        }
        byte[] salt = ping[2];
        String reason = refusal(ping);
        done = reason.isEmpty();
        out.put(0x95);
        text(out, "PONG".getBytes(US_ASCII));
        out.put(done ? 0xC3 : 0xC2);
        text(out, reason.getBytes(US_ASCII));
        text(out, security.hostname());
        // A peer that does not know the key gets nothing that is made with it.
        text(out, done ? hex(salt, security.hostname(), nonce, security.sharedKey()) : new byte[0]);
        return done;
    }

    private String refusal(byte[][] ping) {
        byte[] expected = hex(ping[2], ping[1], nonce, security.sharedKey());
        if (!MessageDigest.isEqual(expected, ping[3])) {
            return "shared_key mismatch";
        }
        if (security.hasUsers()) {
            byte[] password = security.password(new String(ping[4], UTF_8));
            byte[] proof = hex(authSalt, ping[4], password == null ? NO_PASSWORD : password);
            if (!MessageDigest.isEqual(proof, ping[5]) || password == null) {
                return "username/password mismatch";
            }
        }
        return "";
    }

    /** The elements that are texts, empty ones for the others. */
    private static byte[][] texts(byte[] bytes, int from, int to) {
        byte[][] texts = new byte[PING_ELEMENTS][];
        Arrays.fill(texts, new byte[0]);
        MsgPackHead head = new MsgPackHead();
        head.read(bytes, from, to);
        int at = from + head.size();
        for (int i = 0; i < PING_ELEMENTS; i++) {
            int end = MsgPack.end(bytes, at, to, head);
            head.read(bytes, at, to);
            if (head.kind() == Kind.STRING || head.kind() == Kind.BINARY) {
                texts[i] = Arrays.copyOfRange(bytes, at + head.size(), end);
            }
            at = end;
        }
        return texts;
    }

    private static byte[] hex(byte[]... parts) {
        MessageDigest digest = ForwardSecurity.sha512();
        for (byte[] part : parts) {
            digest.update(part);
        }
        return HexFormat.of().formatHex(digest.digest()).getBytes(US_ASCII);
    }

    private static void text(ByteWriter out, byte[] text) {
        if (text.length < 32) {
            out.put(0xA0 | text.length);
        } else if (text.length < 1 << Byte.SIZE) {
            out.put(0xD9);
            out.put(text.length);
        } else {
            out.put(0xDA);
            out.putShort(text.length);
        }
        out.put(text);
    }

    private static void binary(ByteWriter out, byte[] bytes) {
        out.put(0xC4);
        out.put(bytes.length);
        out.put(bytes);
    }
}
