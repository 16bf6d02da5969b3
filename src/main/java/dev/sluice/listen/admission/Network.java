package dev.sluice.listen.admission;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.regex.Pattern;

/**
 * A range of addresses, as {@code 10.0.0.0/8}, {@code fd00::/8} or a single address. An IPv4 address that came in the
 * form of IPv6 is the IPv4 address.
 */
public final class Network {

    /** The platform would take 10.1 for 10.0.0.1. */
    private static final Pattern ADDRESS = Pattern.compile("\\d+(\\.\\d+){3}|[0-9a-fA-F:]*:[0-9a-fA-F:.]*");

    private static final int MAPPED_BITS = 96;

    private final byte[] prefix;
    private final int bits;

    private Network(byte[] prefix, int bits) {
        this.prefix = prefix;
        this.bits = bits;
    }

    /** The network that {@code text} names. */
    public static Network of(String text) {
        int slash = text.indexOf('/');
        String literal = slash < 0 ? text : text.substring(0, slash);
        if (!ADDRESS.matcher(literal).matches()) {
            throw notOne(text);
        }
        byte[] address = addressOf(literal, text);
        boolean mapped = address.length == 4 && literal.indexOf(':') >= 0;
        int longest = address.length * Byte.SIZE;
        int bits = slash < 0 ? longest : bits(text, slash + 1) - (mapped ? MAPPED_BITS : 0);
        if (bits < 0 || bits > longest) {
            throw notOne(text);
        }
        Network network = new Network(masked(address, bits), bits);
        if (!Arrays.equals(address, network.prefix)) {
            throw new IllegalArgumentException(text + " has bits set after its prefix, expected " + network);
        }
        return network;
    }

    private static byte[] addressOf(String literal, String text) {
        try {
            return InetAddress.ofLiteral(literal).getAddress();
        } catch (IllegalArgumentException notAnAddress) {
            throw notOne(text);
        }
    }

    private static int bits(String text, int from) {
        try {
            return Integer.parseUnsignedInt(text, from, text.length(), 10);
        } catch (NumberFormatException notANumber) {
            throw notOne(text);
        }
    }

    private static IllegalArgumentException notOne(String text) {
        return new IllegalArgumentException(text
                + " is no network, expected an address and the length of a prefix, such as 10.0.0.0/8 or fd00::/8");
    }

    /** Whether {@code address} is one of its addresses. */
    boolean contains(InetAddress address) {
        byte[] bytes = plain(address);
        return bytes.length == prefix.length && Arrays.equals(masked(bytes, bits), prefix);
    }

    /** The bytes of an address, four where IPv4 came in the form of IPv6. */
    static byte[] plain(InetAddress address) {
        byte[] bytes = address.getAddress();
        return address instanceof Inet4Address || !isMapped(bytes) ? bytes : Arrays.copyOfRange(bytes, 12, 16);
    }

    private static boolean isMapped(byte[] bytes) {
        for (int i = 0; i < 10; i++) {
            if (bytes[i] != 0) {
                return false;
            }
        }
        return bytes[10] == -1 && bytes[11] == -1;
    }

    /** The first {@code bits} of {@code address}, the others 0. */
    static byte[] masked(byte[] address, int bits) {
        byte[] masked = new byte[address.length];
        System.arraycopy(address, 0, masked, 0, bits / Byte.SIZE);
        if (bits % Byte.SIZE != 0) {
            int at = bits / Byte.SIZE;
            masked[at] = (byte) (address[at] & (0xff << (Byte.SIZE - bits % Byte.SIZE)));
        }
        return masked;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Network network && bits == network.bits && Arrays.equals(prefix, network.prefix);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(prefix) * 31 + bits;
    }

    /** The range of {@code length} bits that {@code address} is in. */
    static Network around(byte[] address, int length) {
        return new Network(masked(address, length), length);
    }

    @Override
    public String toString() {
        try {
            return InetAddress.getByAddress(prefix).getHostAddress() + "/" + bits;
        } catch (UnknownHostException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
