package dev.sluice;

import static dev.sluice.protocol.lumberjack.LumberjackWire.compressed;
import static dev.sluice.protocol.lumberjack.LumberjackWire.join;
import static dev.sluice.protocol.lumberjack.LumberjackWire.json;
import static dev.sluice.protocol.lumberjack.LumberjackWire.window;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.Socket;
import java.util.ArrayDeque;
import java.util.List;

/**
 * Lumberjack 2 as Beats speak it: several windows on their way, and every acknowledgement checked against the rules: it
 * is that of the oldest window, with its last number, or 0, which asks for patience and acknowledges nothing.
 */
final class LumberjackShipper implements AutoCloseable {

    private final Socket socket;
    private final DataInputStream in;
    private final ArrayDeque<Integer> windows = new ArrayDeque<>();
    private int keepAlives;

    LumberjackShipper(int port) throws IOException {
        socket = new Socket("127.0.0.1", port);
        socket.setSoTimeout(60_000);
        in = new DataInputStream(socket.getInputStream());
    }

    void timeout(int millis) throws IOException {
        socket.setSoTimeout(millis);
    }

    /** Sends a window whose numbers begin with {@code first}. */
    void send(int first, boolean isCompressed, List<String> messages) throws IOException {
        byte[][] events = new byte[messages.size()][];
        for (int i = 0; i < events.length; i++) {
            events[i] = json(
                    first + i,
                    "{\"@timestamp\":\"2026-11-24T00:00:00Z\",\"message\":\"" + messages.get(i)
                            + "\",\"host\":{\"name\":\"host\"},\"agent\":{\"type\":\"filebeat\"}}");
        }
        windows.add(messages.isEmpty() ? 0 : first + messages.size() - 1);
        byte[] frames = isCompressed ? compressed(events) : join(events);
        socket.getOutputStream().write(join(window(events.length), frames));
    }

    void sendRaw(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
    }

    int unacknowledged() {
        return windows.size();
    }

    /** How often it was asked for patience. */
    int keepAlives() {
        return keepAlives;
    }

    /** Waits for the acknowledgement of the oldest window. */
    void awaitAck() throws IOException {
        int expected = windows.element();
        int number = number();
        while (number == 0 && expected != 0) {
            keepAlives++;
            number = number();
        }
        if (number != expected) {
            throw new AssertionError("expected " + expected + ", got " + number);
        }
        windows.remove();
    }

    /** The number of the next acknowledgement. */
    int number() throws IOException {
        int version = in.readUnsignedByte();
        int type = in.readUnsignedByte();
        if (version != '2' || type != 'A') {
            throw new AssertionError("no acknowledgement: " + version + " " + type);
        }
        return in.readInt();
    }

    /** Whether the connection is at its end. */
    boolean isAtEnd() throws IOException {
        return in.read() < 0;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
