package dev.sluice;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import org.jspecify.annotations.Nullable;

/** One connection to the HTTP port, and the bytes of one request: also those that a client of HTTP would not send. */
final class Http implements AutoCloseable {

    private static final int TIMEOUT_MILLIS = 30_000;

    private final Socket socket;

    /** From an address of this machine; null is the usual one. */
    Http(int port, @Nullable String from) throws IOException {
        socket = from == null
                ? new Socket("127.0.0.1", port)
                : new Socket("127.0.0.1", port, InetAddress.ofLiteral(from), 0);
        socket.setSoTimeout(TIMEOUT_MILLIS);
    }

    static String get(int port, String path, String... headers) {
        try (Http http = new Http(port, null)) {
            http.send("GET " + path, headers);
            return http.rest();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A request without a body; a header of the same name takes the place of the usual one. */
    void send(String line, String... headers) throws IOException {
        write(line, String.join("\r\n", headers), "");
    }

    void post(String path, String form, String... headers) throws IOException {
        post(path, "application/x-www-form-urlencoded", form, headers);
    }

    void postJson(String path, String json, String... headers) throws IOException {
        post(path, "application/json", json, headers);
    }

    private void post(String path, String type, String body, String... headers) throws IOException {
        String given = String.join("\r\n", headers);
        String all = "Content-Length: " + body.length()
                + (given.contains("Content-Type:") ? "" : "\r\nContent-Type: " + type);
        write("POST " + path, headers.length == 0 ? all : all + "\r\n" + given, body);
    }

    private void write(String line, String headers, String body) throws IOException {
        String host = headers.contains("Host:") ? "" : "Host: 127.0.0.1:" + socket.getPort() + "\r\n";
        String given = headers.isEmpty() ? "" : headers + "\r\n";
        socket.getOutputStream()
                .write((line + " HTTP/1.1\r\n" + host + "Connection: close\r\n" + given + "\r\n" + body)
                        .getBytes(UTF_8));
    }

    /** All that comes until the service closes the connection. */
    String rest() throws IOException {
        return new String(socket.getInputStream().readAllBytes(), UTF_8);
    }

    /** What comes until {@code mark} has come so often. */
    String until(String mark, int times) throws IOException {
        StringBuilder text = new StringBuilder();
        for (int seen = 0; seen < times; ) {
            int read = socket.getInputStream().read();
            if (read < 0) {
                throw new IOException("it ended after " + text);
            }
            text.append((char) read);
            if (text.toString().endsWith(mark)) {
                seen++;
            }
        }
        return text.toString();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
