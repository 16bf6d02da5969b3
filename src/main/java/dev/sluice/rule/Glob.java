package dev.sluice.rule;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.event.Slice;
import java.util.Arrays;

/** A text in which {@code *} stands for anything. */
final class Glob {

    private final byte[][] parts;

    Glob(String text) {
        String[] split = text.split("\\*", -1);
        parts = new byte[split.length][];
        for (int i = 0; i < split.length; i++) {
            parts[i] = split[i].getBytes(UTF_8);
        }
    }

    boolean matches(Slice value) {
        byte[] bytes = value.array();
        int from = value.offset();
        int to = from + value.length();
        byte[] first = parts[0];
        byte[] last = parts[parts.length - 1];
        if (parts.length == 1) {
            return Arrays.equals(bytes, from, to, first, 0, first.length);
        }
        if (to - from < first.length + last.length
                || !isAt(bytes, from, first)
                || !isAt(bytes, to - last.length, last)) {
            return false;
        }
        int at = from + first.length;
        for (int i = 1; i < parts.length - 1; i++) {
            at = find(bytes, at, to - last.length, parts[i]);
            if (at < 0) {
                return false;
            }
            at += parts[i].length;
        }
        return true;
    }

    private static int find(byte[] bytes, int from, int to, byte[] part) {
        for (int i = from; i <= to - part.length; i++) {
            if (isAt(bytes, i, part)) {
                return i;
            }
        }
        return -1;
    }

    private static boolean isAt(byte[] bytes, int at, byte[] part) {
        return Arrays.equals(bytes, at, at + part.length, part, 0, part.length);
    }
}
