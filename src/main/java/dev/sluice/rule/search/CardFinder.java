package dev.sluice.rule.search;

import dev.sluice.text.Ascii;

/** Finds numbers of payment cards: 13 to 19 digits, single blanks or dashes between them, with a right Luhn sum. */
final class CardFinder extends Finder {

    private static final int DIGITS_MIN = 13;
    private static final int DIGITS_MAX = 19;

    @Override
    public boolean find(byte[] bytes, int from, int to, int at) {
        // A card covers the byte twelve on from any place before it, so that most bytes need no look.
        int probe = at + DIGITS_MIN - 1;
        while (probe < to) {
            if (isPart(bytes[probe])) {
                int i = probe;
                while (i > at && isPart(bytes[i - 1])) {
                    i--;
                }
                for (; i < to && isPart(bytes[i]); i++) {
                    boolean first = Ascii.isDigit(bytes[i]) && (i == from || !Ascii.isDigit(bytes[i - 1]));
                    int end = first ? end(bytes, i, to) : 0;
                    if (end > 0) {
                        return found(i, end);
                    }
                }
                probe = i;
            }
            probe += DIGITS_MIN;
        }
        return false;
    }

    /** After the longest card that begins at {@code from}, or 0. */
    private static int end(byte[] bytes, int from, int to) {
        int digits = 0;
        int even = 0;
        int odd = 0;
        int longest = 0;
        int i = from;
        while (i < to && isPart(bytes[i])) {
            if (Ascii.isDigit(bytes[i])) {
                if (++digits > DIGITS_MAX) {
                    break;
                }
                int digit = bytes[i] - '0';
                int doubled = digit > 4 ? 2 * digit - 9 : 2 * digit;
                // Which digits are doubled depends on how many there are: both sums are kept.
                int before = even;
                even = odd + digit;
                odd = before + doubled;
                boolean whole = i + 1 == to || !Ascii.isDigit(bytes[i + 1]);
                if (whole && digits >= DIGITS_MIN && even % 10 == 0) {
                    longest = i + 1;
                }
            } else if (!Ascii.isDigit(bytes[i - 1])) {
                break;
            }
            i++;
        }
        return bytes[from] >= '2' && bytes[from] <= '6' ? longest : 0;
    }

    private static boolean isPart(byte b) {
        return Ascii.isDigit(b) || b == ' ' || b == '-';
    }
}
