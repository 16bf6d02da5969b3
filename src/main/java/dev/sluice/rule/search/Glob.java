package dev.sluice.rule.search;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.text.Slice;
import java.util.Arrays;

/** A text in which {@code *} stands for anything. */
public final class Glob {

    private final boolean isWhole;
    private final byte[] first;
    private final byte[] last;
    private final Literal[] between;

    public Glob(String text) {
        String[] parts = text.split("\\*", -1);
        isWhole = parts.length == 1;
        first = parts[0].getBytes(UTF_8);
        last = parts[parts.length - 1].getBytes(UTF_8);
        between = Arrays.stream(parts, 1, Math.max(parts.length - 1, 1))
                .filter(part -> !part.isEmpty())
                .map(Literal::new)
                .toArray(Literal[]::new);
    }

    public boolean matches(Slice value) {
        byte[] bytes = value.array();
        int from = value.offset();
        int to = from + value.length();
        if (isWhole) {
            return Arrays.equals(bytes, from, to, first, 0, first.length);
        }
        if (to - from < first.length + last.length
                || !isAt(bytes, from, first)
                || !isAt(bytes, to - last.length, last)) {
            return false;
        }
        int at = from + first.length;
        for (Literal part : between) {
            at = part.find(bytes, at, to - last.length);
            if (at < 0) {
                return false;
            }
            at += part.length();
        }
        return true;
    }

    private static boolean isAt(byte[] bytes, int at, byte[] part) {
        return Arrays.equals(bytes, at, at + part.length, part, 0, part.length);
    }
}
