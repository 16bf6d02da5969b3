package dev.sluice.store;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
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

    private static final int READY_FOR_QUERY = 'Z';

    final AtomicInteger cuts = new AtomicInteger();

    /** Answers that the server has come to the end of. */
    final AtomicInteger roundTrips = new AtomicInteger();

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
            client.setTcpNoDelay(true);
            upstream.setTcpNoDelay(true);
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
            out.write(message(type, body));
        }
    }

    /** In one piece: several would wait for each other's acknowledgement. */
    private static byte[] message(int type, byte[] body) {
        return ByteBuffer.allocate(Byte.BYTES + Integer.BYTES + body.length)
                .put((byte) type)
                .putInt(Integer.BYTES + body.length)
                .put(body)
                .array();
    }

    private static boolean endsWith(byte[] body, byte[] end) {
        return body.length >= end.length
                && Arrays.equals(body, body.length - end.length, body.length, end, 0, end.length);
    }

    /** A muted link ends with the first reply: the server has done what it was told. */
    private void forwardReplies(Socket upstream, Socket client, Link link) {
        try (client) {
            DataInputStream in = new DataInputStream(new BufferedInputStream(upstream.getInputStream()));
            DataOutputStream out = new DataOutputStream(client.getOutputStream());
            int type = in.readUnsignedByte();
            while (!link.muted) {
                byte[] body = in.readNBytes(in.readInt() - Integer.BYTES);
                if (type == READY_FOR_QUERY) {
                    roundTrips.incrementAndGet();
                }
                out.write(message(type, body));
                type = in.readUnsignedByte();
            }
        } catch (IOException e) {
            // the connection ended
        }
    }

    private static final class Link {
        private volatile boolean muted;
    }
}
