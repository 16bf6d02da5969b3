package dev.sluice.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.function.IntPredicate;
import org.junit.jupiter.api.Test;

class SwarSearchTest {

    private static final int LENGTH = 2 * Long.BYTES + 3;

    private interface Search {
        int of(byte[] bytes, int from, int to);
    }

    @Test
    void findsWhatALoopFinds() {
        check(SwarSearch::newline, b -> b == '\n');
        check(SwarSearch::newlineOrNul, b -> b == '\n' || b == 0);
        check(SwarSearch::space, b -> b == ' ');
        check(SwarSearch::notPlain, b -> b <= 0);
        check(SwarSearch::stringStop, b -> b == '"' || b == '\\' || (b >= 0 && b < ' '));
        check((bytes, from, to) -> SwarSearch.braceOrEnd(bytes, from, to, (byte) '\n'), b -> b == '{' || b == '\n');
        check((bytes, from, to) -> SwarSearch.braceOrEnd(bytes, from, to, (byte) 0), b -> b == '{' || b == 0);
    }

    /** Each byte before each other one, at each place: none may hide the next, or have it taken for something else. */
    private static void check(Search search, IntPredicate stops) {
        byte[] bytes = new byte[LENGTH];
        for (int pair = 0; pair < 1 << Short.SIZE; pair++) {
            for (int at = 0; at < LENGTH - 1; at++) {
                Arrays.fill(bytes, (byte) 'x');
                bytes[at] = (byte) pair;
                bytes[at + 1] = (byte) (pair >> Byte.SIZE);
                int found = search.of(bytes, 0, LENGTH);
                if (found != loop(bytes, stops)) {
                    assertThat(found).as("%04x at %d", pair, at).isEqualTo(loop(bytes, stops));
                }
            }
        }
    }

    private static int loop(byte[] bytes, IntPredicate stops) {
        int i = 0;
        while (i < LENGTH && !stops.test(bytes[i])) {
            i++;
        }
        return i;
    }
}
