package dev.sluice;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;

/** RELP as a shipper speaks it: sends messages, waits for their answers, and checks that those come in order. */
final class RelpShipper implements AutoCloseable {

    private static final int RECEIVE_BYTES = 16 * 1024;

    private final Socket socket;
    private final InputStream in;
    private int sent = 1;
    private int answered = 1;

    RelpShipper(int port) throws IOException {
        this(connected(port));
    }

    /** Opens a session on a connection. */
    RelpShipper(Socket connection) throws IOException {
        socket = connection;
        in = new BufferedInputStream(socket.getInputStream());
        write("1 open 14 relp_version=0\n");
        String opened = answer();
        if (!opened.startsWith("1 rsp ") || !opened.contains("200 OK")) {
            throw new AssertionError(opened);
        }
    }

    private static Socket connected(int port) throws IOException {
        Socket socket = new Socket();
        socket.setReceiveBufferSize(RECEIVE_BYTES); // so that answers that are not taken are soon noticed
        socket.connect(new InetSocketAddress("127.0.0.1", port));
        socket.setSoTimeout(60_000);
        return socket;
    }

    void timeout(int millis) throws IOException {
        socket.setSoTimeout(millis);
    }

    /** Sends a message without waiting for anything. */
    void send(String text) throws IOException {
        String message = "<13>1 - host app - - - " + text;
        sent++;
        write(sent + " syslog " + message.length() + " " + message + "\n");
    }

    int unanswered() {
        return sent - answered;
    }

    /** Waits for the next answer. */
    void awaitAnswer() throws IOException {
        String answer = answer();
        if (answer.isEmpty()) {
            throw new EOFException("ended while " + unanswered() + " answers were due");
        }
        answered++;
        if (!answer.equals(answered + " rsp 200 OK")) {
            throw new AssertionError("expected the answer to " + answered + ", got " + answer);
        }
    }

    /** Says goodbye without waiting for anything. */
    void goodbye() throws IOException {
        sent++;
        write(sent + " close 0\n");
    }

    /** Says goodbye and returns what came until the end. */
    List<String> end() throws IOException {
        goodbye();
        return rest();
    }

    /** What comes until the end of the connection. */
    List<String> rest() throws IOException {
        List<String> answers = new ArrayList<>();
        for (String next = answer(); !next.isEmpty(); next = answer()) {
            answers.add(next);
        }
        return answers;
    }

    private void write(String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(US_ASCII));
    }

    /** Number, command and data of the next frame; empty at the end. */
    private String answer() throws IOException {
        StringBuilder head = new StringBuilder();
        int spaces = 0;
        int next = in.read();
        while (next >= 0 && next != '\n' && !(next == ' ' && ++spaces == 3)) {
            head.append((char) next);
            next = in.read();
        }
        if (head.isEmpty()) {
            return "";
        }
        int split = head.lastIndexOf(" ");
        int length = Integer.parseInt(head.substring(split + 1));
        String data = new String(in.readNBytes(length), US_ASCII);
        if (length > 0 && in.read() != '\n') {
            throw new AssertionError("no line feed after " + head + " " + data);
        }
        return length == 0 ? head.substring(0, split) : head.substring(0, split) + " " + data;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
