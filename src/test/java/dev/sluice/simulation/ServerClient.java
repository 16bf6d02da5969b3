package dev.sluice.simulation;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.ongres.scram.client.ScramClient;
import dev.sluice.testing.PostgresExtension;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.Socket;
import java.util.List;

/** A session at a real PostgreSQL, message by message. */
final class ServerClient implements AutoCloseable {

    private static final int LIMIT_MILLIS = 30_000;
    private static final int SASL = 10;
    private static final int SASL_CONTINUE = 11;
    private static final int SASL_FINAL = 12;
    private static final String MECHANISM = "SCRAM-SHA-256";

    private final Socket socket;
    private final DataInputStream in;
    private final Transcript heard = new Transcript();

    ServerClient(PostgresExtension postgres) throws Exception {
        socket = new Socket(postgres.host(), postgres.port());
        socket.setSoTimeout(LIMIT_MILLIS);
        in = new DataInputStream(socket.getInputStream());
        ScramClient login = ScramClient.builder()
                .advertisedMechanisms(List.of(MECHANISM))
                .username(postgres.user())
                .password(postgres.password().toCharArray())
                .build();
        send(ClientMessages.startup(postgres.user(), postgres.database()));
        while (!heard.isOver()) {
            ByteBuf message = read();
            if (message.getByte(0) == 'R') {
                answer(login, message);
            } else {
                heard.add(message);
            }
        }
        heard.take();
    }

    private void answer(ScramClient login, ByteBuf message) throws Exception {
        String text = message.toString(9, message.readableBytes() - 9, UTF_8);
        switch (message.getInt(5)) {
            case SASL -> {
                byte[] first = login.clientFirstMessage().toString().getBytes(UTF_8);
                send(ClientMessages.message(
                        'p',
                        out -> out.writeBytes((MECHANISM + "\0").getBytes(UTF_8))
                                .writeInt(first.length)
                                .writeBytes(first)));
            }
            case SASL_CONTINUE -> {
                login.serverFirstMessage(text);
                byte[] last = login.clientFinalMessage().toString().getBytes(UTF_8);
                send(ClientMessages.message('p', out -> out.writeBytes(last)));
            }
            case SASL_FINAL -> login.serverFinalMessage(text);
            default -> {
                // logged in
            }
        }
    }

    private ByteBuf read() throws IOException {
        byte type = in.readByte();
        int length = in.readInt();
        byte[] body = new byte[length - Integer.BYTES];
        in.readFully(body);
        return Unpooled.buffer().writeByte(type).writeInt(length).writeBytes(body);
    }

    void send(ByteBuf message) throws IOException {
        socket.getOutputStream().write(ByteBufUtil.getBytes(message));
        socket.getOutputStream().flush();
    }

    /** Waits for what was asked. */
    List<String> answer() throws IOException {
        while (!heard.isOver()) {
            heard.add(read());
        }
        return heard.take();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
