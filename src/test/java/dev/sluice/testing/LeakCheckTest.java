package dev.sluice.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBufAllocator;
import org.junit.jupiter.api.Test;

class LeakCheckTest {

    @Test
    void aBufferThatIsNeverReleasedIsFound() {
        assertThat(LeakRecorder.takeLeaks()).isEmpty();

        ByteBufAllocator.DEFAULT.buffer(16).writeByte(1);

        assertThat(LeakRecorder.takeLeaks()).singleElement().asString().startsWith("LEAK: ByteBuf");
    }
}
