package dev.sluice.protocol.forward;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.event.Framer.Found;
import dev.sluice.event.Framer.Frame;
import dev.sluice.protocol.MsgPackBytes;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Who may send, and who may not. */
class ForwardHandshakeTest {

    private static final String KEY = "secret";
    private static final String SALT = "salt";
    private static final String HOST = "shipper-1";

    @Test
    void whoKnowsTheKeyGoesOn() throws Exception {
        Conversation open = new Conversation(Map.of());
        assertThat(open.ping(open.proof(KEY), "", "")).isEqualTo(Found.SKIPPED);
        assertThat(open.reply()).contains("PONG").contains("\u00c3").contains(open.serverProof());
        byte[] message = MsgPackBytes.array("t", 1, Map.of());
        assertThat(open.framer.next(message, 0, message.length, open.frame)).isEqualTo(Found.FRAME);
    }

    @Test
    void aWrongKeyIsRefusedAndNothingIsProved() throws Exception {
        Conversation open = new Conversation(Map.of());
        assertThat(open.ping(open.proof("guess"), "", "")).isEqualTo(Found.REFUSED);
        assertThat(open.reply()).contains("shared_key mismatch").doesNotContain(open.serverProof());
    }

    @Test
    void aUserNeedsItsPassword() throws Exception {
        Map<String, String> users = Map.of("anna", "pw");
        Conversation right = new Conversation(users);
        assertThat(right.ping(right.proof(KEY), "anna", right.password("anna", "pw")))
                .isEqualTo(Found.SKIPPED);
        Conversation wrong = new Conversation(users);
        assertThat(wrong.ping(wrong.proof(KEY), "anna", wrong.password("anna", "no")))
                .isEqualTo(Found.REFUSED);
        Conversation unknown = new Conversation(users);
        assertThat(unknown.ping(unknown.proof(KEY), "bob", unknown.password("bob", "")))
                .isEqualTo(Found.REFUSED);
        assertThat(unknown.reply()).contains("username/password mismatch");
    }

    @Test
    void noMessageIsTakenBeforeTheHandshake() {
        Conversation open = new Conversation(Map.of());
        byte[] message = MsgPackBytes.array("t", 1, Map.of());
        assertThat(open.framer.next(message, 0, message.length, open.frame)).isEqualTo(Found.REFUSED);
    }

    @Test
    void aNonceNeverComesAgain() {
        ForwardSecurity security = new ForwardSecurity(KEY, Map.of());
        assertThat(security.random()).isNotEqualTo(security.random()).hasSize(16);
    }

    private static final class Conversation {
        final ForwardFramer framer;
        final Frame frame = new Frame();
        final byte[] nonce;
        final byte[] authSalt;

        Conversation(Map<String, String> users) {
            framer = new ForwardFramer(ForwardLimits.DEFAULT, new ForwardHandshake(new ForwardSecurity(KEY, users)));
            framer.greet(frame);
            byte[] helo = frame.takeReply().bytes();
            nonce = after(helo, "nonce");
            authSalt = after(helo, "auth");
        }

        private static byte[] after(byte[] helo, String name) {
            int at = new String(helo, ISO_8859_1).indexOf(name) + name.length();
            return Arrays.copyOfRange(helo, at + 2, at + 2 + helo[at + 1]);
        }

        Found ping(String proof, String user, String password) {
            byte[] ping = MsgPackBytes.array("PING", HOST, SALT, proof, user, password);
            return framer.next(ping, 0, ping.length, frame);
        }

        String reply() {
            return new String(frame.takeReply().bytes(), ISO_8859_1);
        }

        String proof(String key) throws Exception {
            return hex(bytes(SALT), bytes(HOST), nonce, bytes(key));
        }

        String serverProof() throws Exception {
            return hex(bytes(SALT), bytes("sluice"), nonce, bytes(KEY));
        }

        String password(String user, String password) throws Exception {
            return hex(authSalt, bytes(user), bytes(password));
        }

        private static byte[] bytes(String text) {
            return text.getBytes(UTF_8);
        }

        private static String hex(byte[]... parts) throws Exception {
            MessageDigest digest = MessageDigest.getInstance("SHA-512");
            for (byte[] part : parts) {
                digest.update(part);
            }
            return HexFormat.of().formatHex(digest.digest());
        }
    }
}
