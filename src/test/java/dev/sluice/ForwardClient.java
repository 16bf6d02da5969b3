package dev.sluice;

import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.List;
import org.msgpack.core.MessageBufferPacker;
import org.msgpack.core.MessageInsufficientBufferException;
import org.msgpack.core.MessagePack;
import org.msgpack.core.MessageUnpacker;
import org.msgpack.value.Value;

/** A shipper that sends Forward chunks of its own making and waits for their acks, or does not. */
public final class ForwardClient implements AutoCloseable {

    private static final int SECONDS = 1_795_478_400;

    private final Socket socket;
    private final MessageUnpacker replies;

    ForwardClient(int port) throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(60_000);
        replies = MessagePack.newDefaultUnpacker(socket.getInputStream());
    }

    void timeout(int millis) throws IOException {
        socket.setSoTimeout(millis);
    }

    /** A packed message of {@code count} events whose chunk has this name. */
    public static byte[] chunk(String name, int count) {
        try (MessageBufferPacker packer = MessagePack.newDefaultBufferPacker()) {
            byte[] entries = entries(name, count);
            packer.packArrayHeader(3).packString("shop.orders").packRawStringHeader(entries.length);
            packer.writePayload(entries);
            packer.packMapHeader(2).packString("size").packInt(count);
            packer.packString("chunk").packString(name + "\n");
            return packer.toByteArray();
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }

    /** The message of an event of such a chunk. */
    static String message(String name, int number) {
        return name + "/" + number + " was sold";
    }

    private static byte[] entries(String name, int count) throws IOException {
        try (MessageBufferPacker packer = MessagePack.newDefaultBufferPacker()) {
            for (int i = 0; i < count; i++) {
                packer.packArrayHeader(2).packInt(SECONDS).packMapHeader(2);
                packer.packString("message").packString(message(name, i));
                packer.packString("level").packString("warn");
            }
            return packer.toByteArray();
        }
    }

    /** Messages of one event each, then others that have these instead of a record; nothing asks for an ack. */
    static byte[] messages(int count, String... noRecords) {
        try (MessageBufferPacker packer = MessagePack.newDefaultBufferPacker()) {
            for (int i = 0; i < count; i++) {
                packer.packArrayHeader(3).packString("shop").packInt(SECONDS).packMapHeader(1);
                packer.packString("message").packString(i + " was sold");
            }
            for (String noRecord : noRecords) {
                packer.packArrayHeader(3).packString("shop").packInt(SECONDS).packString(noRecord);
            }
            return packer.toByteArray();
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }

    void send(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
    }

    /** The name of the next chunk that is acknowledged. */
    String ack() throws IOException {
        try {
            Value reply = replies.unpackValue();
            Value name = reply.asMapValue().map().values().iterator().next();
            return name.asStringValue().asString().strip();
        } catch (MessageInsufficientBufferException ended) {
            throw new EOFException("ended while an ack was due");
        }
    }

    /** The next value that the server sends. */
    List<Value> list() throws IOException {
        return replies.unpackValue().asArrayValue().list();
    }

    /** Whether the server closed the connection, and sent nothing more. */
    boolean isClosed() throws IOException {
        return socket.getInputStream().read() < 0;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
