package dev.sluice.rule.search;

import dev.sluice.text.Ascii;

/**
 * Finds the keys of AWS: ids of access keys by their form, secret keys by their form and a word "secret" before them.
 */
final class AwsKeyFinder extends Finder {

    private static final int ID_LENGTH = 20;
    private static final int SECRET_LENGTH = 40;
    private static final int WORD_DISTANCE_MAX = 32;

    private static final Literal SECRET = new Literal("secret", true);

    private boolean calledSecret;

    @Override
    public boolean mayOccur(BytePairs pairs) {
        return pairs.has('I', 'A') || SECRET.mayOccur(pairs);
    }

    /** In JSON the word may stand anywhere in the name of a value. */
    @Override
    public boolean isSurelyAbsent(byte[] bytes, int from, int to) {
        return SECRET.find(bytes, from, to) < 0 && super.isSurelyAbsent(bytes, from, to);
    }

    @Override
    public boolean find(byte[] bytes, int from, int to, int at) {
        int i = at;
        while (i + ID_LENGTH <= to) {
            // A key that begins here covers the byte nineteen on.
            if (!isSecret(bytes[i + ID_LENGTH - 1])) {
                i += ID_LENGTH;
                continue;
            }
            int start = i;
            while (start > at && isSecret(bytes[start - 1])) {
                start--;
            }
            int end = start;
            while (end < to && end - start <= SECRET_LENGTH && isSecret(bytes[end])) {
                end++;
            }
            if (end - start == SECRET_LENGTH
                    && (calledSecret || saysSecret(bytes, Math.max(from, start - WORD_DISTANCE_MAX), start))) {
                return found(start, end);
            }
            end = id(bytes, start, to);
            if (end < 0) {
                return true;
            }
            i = end + 1;
        }
        return false;
    }

    /**
     * Ids stand between characters that are no letters or digits. Looks no further than the first, as there may be many
     * before the run of characters ends.
     *
     * @return where the run that begins at {@code from} ends, or -1 when an id was found in it
     */
    private int id(byte[] bytes, int from, int to) {
        int start = from;
        while (true) {
            int end = start;
            while (end < to && isSecret(bytes[end]) && Ascii.isWord(bytes[end])) {
                end++;
            }
            if (end - start == ID_LENGTH && isId(bytes, start)) {
                found(start, end);
                return -1;
            }
            if (end == to || !isSecret(bytes[end])) {
                return end;
            }
            start = end + 1;
        }
    }

    private static boolean isId(byte[] bytes, int at) {
        boolean named = bytes[at] == 'A'
                && (bytes[at + 1] == 'K' || bytes[at + 1] == 'S')
                && bytes[at + 2] == 'I'
                && bytes[at + 3] == 'A';
        for (int i = at + 4; named && i < at + ID_LENGTH; i++) {
            named = Ascii.isDigit(bytes[i]) || (bytes[i] >= 'A' && bytes[i] <= 'Z');
        }
        return named;
    }

    @Override
    public void context(byte[] bytes, int from, int to) {
        calledSecret = saysSecret(bytes, from, to);
    }

    private static boolean saysSecret(byte[] bytes, int from, int to) {
        return SECRET.find(bytes, from, to) >= 0;
    }

    private static boolean isSecret(byte b) {
        return Ascii.isDigit(b) || Ascii.isLetter(b) || b == '/' || b == '+';
    }
}
