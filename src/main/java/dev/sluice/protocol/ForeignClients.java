package dev.sluice.protocol;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.sluice.event.FirstBytes;
import dev.sluice.text.Ascii;
import dev.sluice.text.BigEndian;
import java.util.stream.Stream;

/**
 * Tells clients that are certainly no shippers by their first bytes, so that what they say becomes no event: a hello of
 * TLS where none is spoken, a request of HTTP, what SSH, Redis and PostgreSQL begin with. Anything less than certain is
 * a shipper's.
 */
final class ForeignClients {

    /** A request of HTTP whose first line is longer is taken for text. */
    static final int REQUEST_LINE_BYTES_MAX = 2 * 1024;

    private static final int TLS_HANDSHAKE = 0x16;
    private static final int TLS_MAJOR = 3;
    private static final int TLS_MINOR_MAX = 4;

    /** A message of PostgreSQL's start: its length and what it asks for. */
    private static final int START_BYTES = 8;

    private static final int START_BYTES_MAX = 10_000;
    private static final int PROTOCOL_3 = 3 << 16;
    private static final int REQUESTS_FROM = (1234 << 16) + 5678;
    private static final int REQUESTS_TO = (1234 << 16) + 5680;

    private static final int REDIS_DIGITS_MAX = 7;

    private static final byte[] SSH = "SSH-".getBytes(US_ASCII);
    private static final byte[] HTTP_VERSION = " HTTP/".getBytes(US_ASCII);
    private static final byte[][] METHODS = Stream.of(
                    "GET ", "HEAD ", "POST ", "PUT ", "DELETE ", "OPTIONS ", "PATCH ", "CONNECT ", "TRACE ", "PRI ")
            .map(method -> method.getBytes(US_ASCII))
            .toArray(byte[][]::new);

    private ForeignClients() {}

    /** What the connection that began with {@code bytes[from, to)} shows. */
    static FirstBytes look(byte[] bytes, int from, int to) {
        if (from == to) {
            return FirstBytes.UNDECIDED;
        }
        return switch (bytes[from]) {
            case TLS_HANDSHAKE -> tls(bytes, from, to);
            case 0 -> postgresql(bytes, from, to);
            case '*' -> redis(bytes, from, to);
            case 'S' -> ssh(bytes, from, to);
            case 'G', 'H', 'P', 'D', 'O', 'C', 'T' -> http(bytes, from, to);
            default -> FirstBytes.SHIPPER;
        };
    }

    private static FirstBytes tls(byte[] bytes, int from, int to) {
        boolean isVersion = (to - from < 2 || bytes[from + 1] == TLS_MAJOR)
                && (to - from < 3 || (bytes[from + 2] >= 0 && bytes[from + 2] <= TLS_MINOR_MAX));
        return !isVersion ? FirstBytes.SHIPPER : to - from < 3 ? FirstBytes.UNDECIDED : FirstBytes.TLS;
    }

    private static FirstBytes postgresql(byte[] bytes, int from, int to) {
        if (to - from < START_BYTES) {
            return to - from > 1 && bytes[from + 1] != 0 ? FirstBytes.SHIPPER : FirstBytes.UNDECIDED;
        }
        int length = BigEndian.int32(bytes, from);
        int asked = BigEndian.int32(bytes, from + 4);
        boolean isStart = (asked >> 16 == PROTOCOL_3 >> 16) || (asked >= REQUESTS_FROM && asked <= REQUESTS_TO);
        return isStart && length >= START_BYTES && length <= START_BYTES_MAX
                ? FirstBytes.POSTGRESQL
                : FirstBytes.SHIPPER;
    }

    /** {@code *1 CR LF $4 CR LF PING CR LF} */
    private static FirstBytes redis(byte[] bytes, int from, int to) {
        int i = from + 1;
        while (i < to && i <= from + REDIS_DIGITS_MAX && Ascii.isDigit(bytes[i])) {
            i++;
        }
        if (i == to) {
            return FirstBytes.UNDECIDED;
        }
        return i == from + 1 ? FirstBytes.SHIPPER : rest(bytes, i, to, new byte[] {'\r', '\n', '$'}, FirstBytes.REDIS);
    }

    private static FirstBytes ssh(byte[] bytes, int from, int to) {
        int version = from + SSH.length;
        if (version >= to) {
            return rest(bytes, from, to, SSH, FirstBytes.UNDECIDED);
        }
        return Ascii.isDigit(bytes[version]) ? rest(bytes, from, to, SSH, FirstBytes.SSH) : FirstBytes.SHIPPER;
    }

    /** {@code GET / HTTP/1.1 CR LF}; a line of text with all of that would be a strange one. */
    private static FirstBytes http(byte[] bytes, int from, int to) {
        for (byte[] method : METHODS) {
            FirstBytes found = rest(bytes, from, to, method, FirstBytes.HTTP);
            if (found != FirstBytes.SHIPPER) {
                return found == FirstBytes.UNDECIDED ? found : request(bytes, from, from + method.length, to);
            }
        }
        return FirstBytes.SHIPPER;
    }

    private static FirstBytes request(byte[] bytes, int from, int target, int to) {
        int i = target;
        while (i < to && bytes[i] > ' ') {
            i++;
        }
        if (i == target && i < to) {
            return FirstBytes.SHIPPER;
        }
        FirstBytes found = rest(bytes, i, to, HTTP_VERSION, FirstBytes.HTTP);
        if (found == FirstBytes.UNDECIDED) {
            return to - from > REQUEST_LINE_BYTES_MAX ? FirstBytes.SHIPPER : found;
        }
        return found == FirstBytes.HTTP ? version(bytes, i + HTTP_VERSION.length, to) : found;
    }

    private static FirstBytes version(byte[] bytes, int from, int to) {
        for (int i = from; i < Math.min(to, from + 3); i++) {
            boolean isRight = i == from + 1 ? bytes[i] == '.' : Ascii.isDigit(bytes[i]);
            if (!isRight) {
                return FirstBytes.SHIPPER;
            }
        }
        return rest(bytes, Math.min(to, from + 3), to, new byte[] {'\r', '\n'}, FirstBytes.HTTP);
    }

    /** {@code found} when {@code expected} stands at {@code from}; undecided when its beginning does. */
    private static FirstBytes rest(byte[] bytes, int from, int to, byte[] expected, FirstBytes found) {
        for (int i = 0; i < expected.length; i++) {
            if (from + i == to) {
                return FirstBytes.UNDECIDED;
            }
            if (bytes[from + i] != expected[i]) {
                return FirstBytes.SHIPPER;
            }
        }
        return found;
    }
}
