package dev.sluice.testing;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/** Ports for servers that are started anew on the same one. */
public final class FreePort {

    private static final int TRIES = 100;

    /** Below those that Linux gives to connections, which may take the place of a server that is away. */
    private static final int FIRST = 10_000;

    private static final int LAST = 32_000;

    private FreePort() {}

    /** A port of the loopback that nobody listens on. */
    public static int next() {
        return ThreadLocalRandom.current()
                .ints(TRIES, FIRST, LAST)
                .filter(FreePort::isFree)
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("no free port"));
    }

    private static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            return socket.isBound();
        } catch (IOException taken) {
            return false;
        }
    }
}
