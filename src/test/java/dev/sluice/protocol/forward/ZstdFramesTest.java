package dev.sluice.protocol.forward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.protocol.MsgPackBytes;
import io.airlift.compress.v3.zstd.ZstdInputStream;
import io.airlift.compress.v3.zstd.ZstdOutputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ZstdFramesTest {

    private static final byte[] RLE_BLOCKS = {10, 0, 0, 'x', 11, 0, 0, 'y'};

    @Test
    void whatIsUsualIsFit() throws IOException {
        byte[] text = new byte[3 << 20];
        new SplittableRandom(1).nextBytes(text);
        byte[] frames = MsgPackBytes.join(zstd(text), zstd(new byte[1 << 20]), zstd(new byte[0]));
        assertThat(ZstdFrames.areFit(frames, 0, frames.length)).isTrue();
        for (int cut = 0; cut < frames.length; cut += 1 + cut / 50) {
            ZstdFrames.areFit(frames, 0, cut);
            ZstdFrames.areFit(frames, cut, frames.length);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 96, 95})
    void aWindowUpToThatOfTheLevelsInUseIsFit(int descriptor) {
        assertThat(fit(frame(0, descriptor))).isTrue();
    }

    @ParameterizedTest
    @ValueSource(ints = {97, 104, 255})
    void aLargerOneIsNot(int descriptor) {
        assertThat(fit(frame(0, descriptor))).isFalse();
        assertThat(fit(MsgPackBytes.join(frame(0, 0), frame(0, descriptor)))).isFalse();
    }

    /** A frame of a single segment has its size for a window. */
    @Test
    void theSizeOfASingleSegmentCounts() {
        assertThat(fit(frame(0xA0, 0, 0, 64, 0))).isTrue();
        assertThat(fit(frame(0xA0, 1, 0, 64, 0))).isFalse();
        assertThat(fit(frame(0xE0, 0, 0, 0, 0, 0, 0, 0, 128))).isFalse();
        assertThat(fit(frame(0x60, 255, 255))).isTrue();
    }

    @Test
    void aBlockLongerThanAnyIsNotFit() {
        byte[] header = Arrays.copyOf(frame(0, 0), 6);
        assertThat(fit(MsgPackBytes.join(header, new byte[] {1, 0, 16}))).isTrue();
        assertThat(fit(MsgPackBytes.join(header, new byte[] {9, 0, 16}))).isFalse();
    }

    /** So nothing that comes after them has to be looked at. */
    @ParameterizedTest
    @ValueSource(strings = {"502a4d1800000000", "5f2a4d180100000078", "27b52ffd00000000", "1eb52ffd00000000"})
    void framesThatMayBeSkippedAndThoseOfOldVersionsAreRefusedByTheInflater(String other) throws IOException {
        byte[] after = zstd(new byte[1000]);
        byte[] frames = MsgPackBytes.join(zstd(new byte[10]), HexFormat.of().parseHex(other), after);
        ZstdInputStream inflater = new ZstdInputStream(new ByteArrayInputStream(frames));
        assertThatThrownBy(inflater::readAllBytes).isInstanceOfAny(IOException.class, RuntimeException.class);
    }

    private static boolean fit(byte[] frames) {
        return ZstdFrames.areFit(frames, 0, frames.length);
    }

    private static byte[] frame(int... header) {
        byte[] bytes = new byte[4 + header.length];
        bytes[0] = 0x28;
        bytes[1] = (byte) 0xB5;
        bytes[2] = 0x2F;
        bytes[3] = (byte) 0xFD;
        for (int i = 0; i < header.length; i++) {
            bytes[4 + i] = (byte) header[i];
        }
        return MsgPackBytes.join(bytes, RLE_BLOCKS);
    }

    private static byte[] zstd(byte[] bytes) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (ZstdOutputStream zstd = new ZstdOutputStream(out)) {
            zstd.write(bytes);
        }
        return out.toByteArray();
    }
}
