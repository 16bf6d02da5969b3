package dev.sluice.store.database;

import java.util.Arrays;
import java.util.List;

/**
 * One server of the database, as it is configured.
 *
 * @param name a name or an address, without brackets
 * @param port its port
 */
public record HostAddress(String name, int port) {

    private static final int PORT_MAX = 65_535;

    /** Reads {@code host[:port],...}; an IPv6 address stands in brackets when a port follows. */
    public static List<HostAddress> listOf(String hosts, int defaultPort) {
        return Arrays.stream(hosts.split(",", -1))
                .map(host -> of(host.trim(), defaultPort))
                .distinct()
                .toList();
    }

    private static HostAddress of(String host, int defaultPort) {
        boolean bracketed = host.startsWith("[");
        boolean bareAddress = !bracketed && host.indexOf(':') != host.lastIndexOf(':');
        int colon = bareAddress ? -1 : host.lastIndexOf(':');
        boolean hasPort = colon > host.lastIndexOf(']');
        String name = hasPort ? host.substring(0, colon) : host;
        if (bracketed && name.endsWith("]")) {
            name = name.substring(1, name.length() - 1);
        }
        if (name.isEmpty() || name.startsWith("[")) {
            throw new IllegalArgumentException(
                    "a host is \"" + host + "\", expected host, host:port or [address]:port");
        }
        return new HostAddress(name, hasPort ? port(host, host.substring(colon + 1)) : defaultPort);
    }

    private static int port(String host, String text) {
        boolean isNumber = text.length() <= 5 && text.matches("\\d+");
        int port = isNumber ? Integer.parseInt(text) : 0;
        if (port < 1 || port > PORT_MAX) {
            throw new IllegalArgumentException("the port of the host \"" + host + "\" is \"" + text
                    + "\", expected a number from 1 to " + PORT_MAX);
        }
        return port;
    }

    @Override
    public String toString() {
        return (name.indexOf(':') < 0 ? name : "[" + name + "]") + ":" + port;
    }
}
