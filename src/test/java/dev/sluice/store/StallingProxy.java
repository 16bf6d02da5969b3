package dev.sluice.store;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Stands between a client and PostgreSQL, and can keep what the client gave up open at the server's side. */
final class StallingProxy implements AutoCloseable {

    private final ServerSocket listener;
    private final String host;
    private final int port;
    private final List<Link> links = new CopyOnWriteArrayList<>();

    StallingProxy(String host, int port) throws IOException {
        this.host = host;
        this.port = port;
        listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread.startVirtualThread(this::accept);
    }

    int port() {
        return listener.getLocalPort();
    }

    /** Nothing passes any more on the connections of now, and the server does not see them end. */
    void stall() {
        links.forEach(link -> link.isStalled = true);
    }

    /** The server sees them end. */
    void letGo() {
        links.stream().filter(link -> link.isStalled).forEach(Link::close);
    }

    @Override
    public void close() throws IOException {
        listener.close();
        links.forEach(Link::close);
    }

    private void accept() {
        try {
            while (true) {
                Link link = new Link(listener.accept(), new Socket(host, port));
                links.add(link);
                Thread.startVirtualThread(() -> link.pump(link.client, link.server));
                Thread.startVirtualThread(() -> link.pump(link.server, link.client));
            }
        } catch (IOException e) {
            // closed
        }
    }

    private static final class Link {

        private final Socket client;
        private final Socket server;
        private volatile boolean isStalled;

        Link(Socket client, Socket server) {
            this.client = client;
            this.server = server;
        }

        void pump(Socket from, Socket to) {
            byte[] bytes = new byte[64 * 1024];
            try {
                InputStream in = from.getInputStream();
                for (int read = in.read(bytes); read >= 0 && !isStalled; read = in.read(bytes)) {
                    to.getOutputStream().write(bytes, 0, read);
                }
            } catch (IOException e) {
                // the connection ended
            }
            if (!isStalled) {
                close();
            }
        }

        void close() {
            try (client;
                    server) {
                // both
            } catch (IOException e) {
                // it ended already
            }
        }
    }
}
