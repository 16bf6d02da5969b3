package dev.sluice.log;

import org.jspecify.annotations.Nullable;

/**
 * Text that begins no new line and does nothing to a terminal: control characters, line and paragraph separators, and
 * what turns the direction of writing are written as {@code \n} or {@code \}{@code u001b}. A tab stays.
 */
final class OneLine {

    private OneLine() {}

    static @Nullable String ofNullable(@Nullable String text) {
        return text == null ? null : of(text);
    }

    static String of(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (isControl(text.charAt(i))) {
                return escaped(text, i);
            }
        }
        return text;
    }

    private static String escaped(String text, int from) {
        StringBuilder line = new StringBuilder(text.length() + 16).append(text, 0, from);
        for (int i = from; i < text.length(); i++) {
            char next = text.charAt(i);
            switch (next) {
                case '\n' -> line.append("\\n");
                case '\r' -> line.append("\\r");
                default -> {
                    if (isControl(next)) {
                        line.append("\\u").append(String.format("%04x", (int) next));
                    } else {
                        line.append(next);
                    }
                }
            }
        }
        return line.toString();
    }

    private static boolean isControl(char next) {
        return (Character.isISOControl(next) && next != '\t')
                || (next >= 0x2028 && next <= 0x202e) // separators, embeddings, overrides
                || (next >= 0x2066 && next <= 0x2069) // isolates
                || next == 0x200e
                || next == 0x200f
                || next == 0x061c
                || next == 0xfeff;
    }
}
