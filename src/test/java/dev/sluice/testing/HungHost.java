package dev.sluice.testing;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;

/** A host that hangs: the kernel takes the connection, and nobody ever answers. */
public final class HungHost implements AutoCloseable {

    private static final int BACKLOG = 200;

    private final ServerSocket socket;

    public HungHost() throws IOException {
        socket = new ServerSocket(0, BACKLOG, InetAddress.getLoopbackAddress());
    }

    /** As it stands in an address. */
    public String address() {
        return "127.0.0.1:" + socket.getLocalPort();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
