package dev.sluice.store;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;

/** Stands between the store and PostgreSQL, reads the client's messages, and cuts the connection around a COMMIT. */
final class CuttingProxy implements AutoCloseable {

    /** When it cuts. */
    enum Cut {
        /** The server never sees the COMMIT. */
        BEFORE_COMMIT,
        /** The server commits; the client never sees the reply. */
        BEFORE_REPLY
    }

    private static final byte[] COMMIT = "COMMIT\0".getBytes(StandardCharsets.US_ASCII);

    final AtomicInteger cuts = new AtomicInteger();
    private final ServerSocket listener;
    private final InetSocketAddress server;
    private final Cut cut;
    private final AtomicInteger armed;

    CuttingProxy(String host, int port, Cut cut, int times) throws IOException {
        server = new InetSocketAddress(host, port);
        this.cut = cut;
        armed = new AtomicInteger(times);
        listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread.startVirtualThread(this::accept);
    }

    int port() {
        return listener.getLocalPort();
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }

    private void accept() {
        try {
            while (true) {
                Socket client = listener.accept();
                Thread.startVirtualThread(() -> serve(client));
            }
        } catch (IOException e) {
            // closed
        }
    }

    private void serve(Socket client) {
        try (client;
                Socket upstream = new Socket(server.getAddress(), server.getPort())) {
            Link link = new Link();
            Thread.startVirtualThread(() -> forwardReplies(upstream, client, link));
            forwardRequests(client, upstream, link);
        } catch (IOException e) {
            // the connection ended
        }
    }

    private void forwardRequests(Socket client, Socket upstream, Link link) throws IOException {
        DataInputStream in = new DataInputStream(client.getInputStream());
        DataOutputStream out = new DataOutputStream(upstream.getOutputStream());
        int startup = in.readInt();
        out.writeInt(startup);
        out.write(in.readNBytes(startup - Integer.BYTES));
        while (true) {
            int type = in.readUnsignedByte();
            int length = in.readInt();
            byte[] body = in.readNBytes(length - Integer.BYTES);
            boolean cutting = type == 'Q' && endsWith(body, COMMIT) && armed.getAndUpdate(n -> Math.max(n - 1, 0)) > 0;
            if (cutting) {
                cuts.incrementAndGet();
                if (cut == Cut.BEFORE_COMMIT) {
                    return;
                }
                link.muted = true;
            }
            out.writeByte(type);
            out.writeInt(length);
            out.write(body);
            out.flush();
        }
    }

    private static boolean endsWith(byte[] body, byte[] end) {
        return body.length >= end.length
                && Arrays.equals(body, body.length - end.length, body.length, end, 0, end.length);
    }

    /** A muted link ends with the first reply: the server has done what it was told. */
    private static void forwardReplies(Socket upstream, Socket client, Link link) {
        byte[] buffer = new byte[8192];
        try (client) {
            int count = upstream.getInputStream().read(buffer);
            while (count >= 0 && !link.muted) {
                client.getOutputStream().write(buffer, 0, count);
                count = upstream.getInputStream().read(buffer);
            }
        } catch (IOException e) {
            // the connection ended
        }
    }

    private static final class Link {
        private volatile boolean muted;
    }
}
