package dev.sluice.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/** Writes MessagePack as a shipper does; anything unusual is given as hexadecimal digits. */
public final class MsgPackBytes {

    /** Bytes that are written as they are. */
    public record Raw(byte[] bytes) {}

    private MsgPackBytes() {}

    /** Hexadecimal digits, written as they are. */
    public static Raw raw(String hex) {
        return new Raw(HexFormat.of().parseHex(hex.replace(" ", "")));
    }

    /** An EventTime as {@code fixext8}. */
    public static Raw time(long seconds, long nanos) {
        return raw("d700%08x%08x".formatted(seconds, nanos));
    }

    /** An array of values. */
    public static byte[] array(Object... values) {
        return of(Arrays.asList(values));
    }

    /** Values one after the other. */
    public static byte[] join(byte[]... parts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }

    /** A value: text, numbers, null, lists, maps, binary as {@code byte[]}. */
    public static byte[] of(Object value) {
        return switch (value) {
            case null -> new byte[] {(byte) 0xC0};
            case Raw raw -> raw.bytes;
            case Boolean flag -> new byte[] {(byte) (flag ? 0xC3 : 0xC2)};
            case Integer number ->
                ByteBuffer.allocate(5).put((byte) 0xD2).putInt(number).array();
            case Long number ->
                ByteBuffer.allocate(9).put((byte) 0xD3).putLong(number).array();
            case Double number ->
                ByteBuffer.allocate(9).put((byte) 0xCB).putDouble(number).array();
            case String text -> sized(0xDB, text.getBytes(UTF_8).length, text.getBytes(UTF_8));
            case byte[] bytes -> sized(0xC6, bytes.length, bytes);
            case List<?> list ->
                sized(
                        0xDD,
                        list.size(),
                        join(list.stream().map(MsgPackBytes::of).toArray(byte[][]::new)),
                        true);
            case Map<?, ?> map ->
                sized(
                        0xDF,
                        map.size(),
                        join(map.entrySet().stream()
                                .flatMap(entry -> List.of(of(entry.getKey()), of(entry.getValue())).stream())
                                .toArray(byte[][]::new)),
                        true);
            default -> throw new IllegalArgumentException(value.toString());
        };
    }

    private static byte[] sized(int type, int length, byte[] content) {
        return ByteBuffer.allocate(5 + content.length)
                .put((byte) type)
                .putInt(length)
                .put(content)
                .array();
    }

    private static byte[] sized(int type, int length, byte[] content, boolean shortest) {
        if (!shortest || length > 15) {
            return sized(type, length, content);
        }
        return join(new byte[] {(byte) ((type == 0xDD ? 0x90 : 0x80) | length)}, content);
    }
}
