package dev.sluice.listen.intake;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class KeptBytesTest {

    private final KeptBytes kept = new KeptBytes();

    @Test
    void whatIsAddedAndTakenAwayLeavesTheRest() {
        SplittableRandom random = new SplittableRandom(5);
        StringBuilder expected = new StringBuilder();
        for (int round = 0; round < 20_000; round++) {
            String more = Integer.toString(random.nextInt()).repeat(random.nextInt(60 >> random.nextInt(6)));
            append(more, random.nextBoolean());
            expected.append(more);
            int taken = random.nextInt(expected.length() + 1) >> random.nextInt(8);
            kept.keep(kept.array(), kept.from() + taken, kept.from() + kept.size());
            expected.delete(0, taken);
            assertThat(text()).isEqualTo(expected.toString());
            assertThat(kept.heldBytes()).isBetween(kept.size(), Math.max(256, 4 * kept.size()) + 256);
            if (random.nextInt(100) == 0) {
                byte[] other = "from another array".getBytes(US_ASCII);
                kept.keep(other, 5, other.length);
                expected.replace(0, expected.length(), "another array");
            }
        }
    }

    @Test
    void nothingTakesNothing() {
        append("some", false);
        kept.keep(kept.array(), kept.from() + 4, kept.from() + 4);
        assertThat(kept.heldBytes()).isZero();
    }

    @Test
    void bytesThatComeOneByOneAreMovedAFewTimesEach() {
        long moved = 0;
        for (int i = 0; i < 100_000; i++) {
            byte[] array = kept.array();
            append("x", false);
            moved += kept.array() == array ? 0 : kept.size();
        }
        assertThat(moved).isLessThan(10 * 100_000);
    }

    /** A piece in front of many others is taken without a move of the others, and so is one added to them. */
    @Test
    void aSmallPieceOfALongRestMovesNothing() {
        append("x".repeat(1 << 20), false);
        append("y", false);
        byte[] array = kept.array();
        for (int i = 0; i < 1000; i++) {
            kept.keep(kept.array(), kept.from() + 1, kept.from() + kept.size());
            append("y", false);
            assertThat(kept.array()).isSameAs(array);
            assertThat(kept.from()).isEqualTo(i + 1);
        }
    }

    private void append(String text, boolean tight) {
        ByteBuf buffer = Unpooled.copiedBuffer(text, US_ASCII);
        kept.append(buffer, tight);
        buffer.release();
    }

    private String text() {
        byte[] copy = new byte[kept.size()];
        kept.joinTo(copy, Unpooled.EMPTY_BUFFER);
        return new String(copy, US_ASCII);
    }
}
