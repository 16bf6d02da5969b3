package dev.sluice.rule;

/** Finds the tokens of RFC 6750 behind the word Bearer. */
final class BearerFinder extends Finder {

    private static final int TOKEN_MIN = 8;
    private static final Literal[] WORDS = {new Literal("earer"), new Literal("EARER")};

    @Override
    boolean mayOccur(byte[] bytes, int from, int to) {
        return WORDS[0].find(bytes, from, to) >= 0 || WORDS[1].find(bytes, from, to) >= 0;
    }

    @Override
    boolean find(byte[] bytes, int from, int to, int at) {
        for (int i = at; i + 7 < to; i++) {
            if ((bytes[i] | 0x20) == 'b' && isWordBearer(bytes, i)) {
                int start = i + 6;
                while (start < to && isBetween(bytes[start])) {
                    start++;
                }
                int end = start;
                while (end < to && isToken(bytes[end])) {
                    end++;
                }
                if (start > i + 6 && end - start >= TOKEN_MIN) {
                    return found(start, end);
                }
            }
        }
        return false;
    }

    private static boolean isWordBearer(byte[] bytes, int at) {
        return (bytes[at + 1] | 0x20) == 'e'
                && (bytes[at + 2] | 0x20) == 'a'
                && (bytes[at + 3] | 0x20) == 'r'
                && (bytes[at + 4] | 0x20) == 'e'
                && (bytes[at + 5] | 0x20) == 'r';
    }

    private static boolean isBetween(byte b) {
        return b == ' ' || b == '\t' || b == ':' || b == '=' || b == '"' || b == '\'';
    }

    private static boolean isToken(byte b) {
        return isDigit(b)
                || isLetter(b)
                || b == '-'
                || b == '.'
                || b == '_'
                || b == '~'
                || b == '+'
                || b == '/'
                || b == '=';
    }
}
