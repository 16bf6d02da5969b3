package dev.sluice.protocol.lumberjack;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.ref.WeakReference;
import java.util.zip.Deflater;
import org.junit.jupiter.api.Test;

class InflatingBufferTest {

    /** What was presented is counted by its owner only as long as that keeps it. */
    @Test
    void nothingThatWasPresentedIsKept() throws InterruptedException {
        byte[] packed = packed();
        InflatingBuffer unpacking = new InflatingBuffer(packed.length + 1000, 1024);
        assertThat(unpacking.more(packed, 0, packed.length)).isEqualTo(InflatingBuffer.Step.UNPACKED);
        WeakReference<byte[]> presented = new WeakReference<>(packed);
        packed = null;
        for (int i = 0; i < 100 && presented.get() != null; i++) {
            System.gc();
            Thread.sleep(10);
        }
        assertThat(presented.get()).isNull();
        unpacking.close();
    }

    private static byte[] packed() {
        Deflater deflater = new Deflater();
        deflater.setInput(new byte[64 * 1024]);
        deflater.finish();
        byte[] packed = new byte[64 * 1024];
        deflater.deflate(packed);
        deflater.end();
        return packed;
    }
}
