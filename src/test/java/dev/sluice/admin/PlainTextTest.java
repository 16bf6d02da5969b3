package dev.sluice.admin;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PlainTextTest {

    @Test
    void whatIsTextStaysText() {
        assertThat(utf8("<14>1 größer 日本 😀 \"quoted\"")).isEqualTo("<14>1 größer 日本 😀 \"quoted\"");
    }

    @Test
    void controlsAreEscapes() {
        assertThat(utf8("a\tb\r\nc\\d\u0000\u001b[31m")).isEqualTo("a\\tb\\r\\nc\\\\d\\u{0}\\u{1b}[31m");
    }

    @Test
    void whatWouldHideOrTurnItsNeighboursIsAnEscape() {
        assertThat(utf8("user\u202etxt.exe\u200b\u2028")).isEqualTo("user\\u{202e}txt.exe\\u{200b}\\u{2028}");
    }

    @Test
    void whatIsNoUtf8IsItsBytes() {
        assertThat(PlainText.of("caf\u00e9!\u00ff".getBytes(ISO_8859_1))).isEqualTo("caf\\xe9!\\xff");
    }

    @Test
    void aCharacterThatIsCutOffIsItsBytes() {
        byte[] whole = "x😀".getBytes(UTF_8);
        assertThat(PlainText.of(java.util.Arrays.copyOf(whole, whole.length - 1)))
                .isEqualTo("x\\xf0\\x9f\\x98");
        assertThat(PlainText.of(new byte[0])).isEmpty();
    }

    private static String utf8(String text) {
        return PlainText.of(text.getBytes(UTF_8));
    }
}
