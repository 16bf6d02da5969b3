package dev.sluice.admin;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.Map;

/**
 * Asks the service in the same container whether it is ready: a program of its own, for images without a shell and
 * without curl. It knows the HTTP port from the same variables as the service, and ends with 0 when it is ready.
 */
public final class ReadinessProbe {

    private static final int TIMEOUT_MILLIS = 3_000;
    private static final String REQUEST =
            "GET /actuator/health/readiness HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

    private ReadinessProbe() {}

    /** Ends with 0 when the service is ready, else with 1. */
    public static void main(String[] args) {
        System.exit(isReady(InetAddress.getLoopbackAddress(), port(System.getenv())) ? 0 : 1);
    }

    static int port(Map<String, String> environment) {
        String server = environment.getOrDefault("SERVER_PORT", "8080");
        return Integer.parseInt(environment.getOrDefault("MANAGEMENT_SERVER_PORT", server));
    }

    static boolean isReady(InetAddress address, int port) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(address, port), TIMEOUT_MILLIS);
            socket.setSoTimeout(TIMEOUT_MILLIS);
            socket.getOutputStream().write(REQUEST.getBytes(US_ASCII));
            BufferedReader reply = new BufferedReader(new InputStreamReader(socket.getInputStream(), US_ASCII));
            String status = reply.readLine();
            return status != null && status.startsWith("HTTP/1.1 200 ");
        } catch (IOException refused) {
            return false;
        }
    }
}
