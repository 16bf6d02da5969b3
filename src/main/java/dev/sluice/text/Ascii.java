package dev.sluice.text;

/** Kinds of bytes. */
public final class Ascii {

    private Ascii() {}

    /** 0 to 9. */
    public static boolean isDigit(byte b) {
        return b >= '0' && b <= '9';
    }

    /** Where the digits that begin at {@code from} end. */
    public static int digitsEnd(byte[] bytes, int from, int to) {
        int i = from;
        while (i < to && isDigit(bytes[i])) {
            i++;
        }
        return i;
    }

    /** The number that the digits {@code [from, to)} write; few enough of them for an {@code int}. */
    public static int number(byte[] bytes, int from, int to) {
        int number = 0;
        for (int i = from; i < to; i++) {
            number = number * 10 + bytes[i] - '0';
        }
        return number;
    }

    /** A to Z, in upper or lower case. */
    public static boolean isLetter(byte b) {
        int lower = b | 0x20;
        return b > 0 && lower >= 'a' && lower <= 'z';
    }

    /** A hexadecimal digit. */
    public static boolean isHex(byte b) {
        int lower = b | 0x20;
        return isDigit(b) || (b > 0 && lower >= 'a' && lower <= 'f');
    }

    /** Letters, digits, underscore, and every byte beyond ASCII. */
    public static boolean isWord(byte b) {
        return b < 0 || b == '_' || isDigit(b) || isLetter(b);
    }
}
