package dev.sluice.rule.search;

import dev.sluice.text.Ascii;

/** Finds the tokens of RFC 6750 after the word Bearer. */
final class BearerFinder extends Finder {

    private static final int TOKEN_MIN = 8;
    private static final Literal WORD = new Literal("bearer", true);

    @Override
    public boolean mayOccur(BytePairs pairs) {
        return WORD.mayOccur(pairs);
    }

    @Override
    public boolean find(byte[] bytes, int from, int to, int at) {
        int word = WORD.find(bytes, at, to);
        while (word >= 0) {
            int start = word + WORD.length();
            int end = start;
            while (end < to && isBetween(bytes[end])) {
                end++;
            }
            int token = end;
            while (token > start && end < to && isToken(bytes[end])) {
                end++;
            }
            if (token > start && end - token >= TOKEN_MIN) {
                return found(token, end);
            }
            word = WORD.find(bytes, start, to);
        }
        return false;
    }

    private static boolean isBetween(byte b) {
        return b == ' ' || b == '\t' || b == ':' || b == '=' || b == '"' || b == '\'';
    }

    private static boolean isToken(byte b) {
        return Ascii.isDigit(b)
                || Ascii.isLetter(b)
                || b == '-'
                || b == '.'
                || b == '_'
                || b == '~'
                || b == '+'
                || b == '/'
                || b == '=';
    }
}
