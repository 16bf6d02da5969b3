package dev.sluice.protocol;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.event.FirstBytes;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ForeignClientsTest {

    /** However the bytes are cut: while they do not tell more are awaited, and what was said once stays true. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            TLS        | \\x16\\x03\\x01\\x00z\\x01\\x00
            TLS        | \\x16\\x03\\x03\\x00z\\x01\\x00
            HTTP       | GET / HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n
            HTTP       | HEAD /health?full=1 HTTP/1.0\\r\\n\\r\\n
            HTTP       | OPTIONS * HTTP/1.1\\r\\n
            HTTP       | POST /loki/api/v1/push HTTP/1.1\\r\\nContent-Length: 9
            HTTP       | CONNECT example.com:443 HTTP/1.1\\r\\n
            HTTP       | PRI * HTTP/2.0\\r\\n\\r\\nSM\\r\\n\\r\\n
            SSH        | SSH-2.0-OpenSSH_9.6\\r\\n
            SSH        | SSH-1.99-x\\n
            REDIS      | *1\\r\\n$4\\r\\nPING\\r\\n
            REDIS      | *14\\r\\n$4\\r\\nAUTH\\r\\n
            POSTGRESQL | \\x00\\x00\\x00\\x08\\x04\\xD2\\x16\\x2F
            POSTGRESQL | \\x00\\x00\\x00\\x08\\x04\\xD2\\x16\\x30
            POSTGRESQL | \\x00\\x00\\x00\\x10\\x00\\x03\\x00\\x00user\\x00a\\x00\\x00
            """)
    void areToldByTheirFirstBytes(FirstBytes client, String escaped) {
        byte[] bytes = bytes(escaped);
        FirstBytes before = FirstBytes.UNDECIDED;
        for (int to = 1; to <= bytes.length; to++) {
            FirstBytes found = ForeignClients.look(bytes, 0, to);
            assertThat(found).as("after %d bytes", to).isIn(client, FirstBytes.UNDECIDED);
            assertThat(before == client && found != client).isFalse();
            before = found;
        }
        assertThat(before).isEqualTo(client);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "<14>1 - - - - - - x\\n",
                "GET /index.html HTTP/1.1\\n",
                "GET /index.html 200 12ms\\r\\n",
                "GET  / HTTP/1.1\\r\\n",
                "GETTING started\\n",
                "GET / HTTP/1.1\" 200\\r\\n",
                "POSTFIX stopped\\n",
                "DEBUG x\\n",
                "Nov 27 12:00:00 h a: SSH-2.0-x\\n",
                "SSHD started\\n",
                "SSH-agent\\n",
                "*Nov 27 12:00:00\\n",
                "*1 first\\n",
                "*\\n",
                "{\"a\":1}\\n",
                "\\x16\\x02\\x03",
                "\\x00\\x00\\x00\\x01\\x00\\x00\\x00\\x00",
                "\\x00<14>x\\x00",
                "\\x93\\xA1t\\x01\\x80",
                "1 open 0\\n",
                "2W\\x00\\x00\\x00\\x01"
            })
    void shippersAreLetIn(String escaped) {
        byte[] bytes = bytes(escaped);
        for (int to = 1; to <= bytes.length; to++) {
            assertThat(ForeignClients.look(bytes, 0, to)).isIn(FirstBytes.SHIPPER, FirstBytes.UNDECIDED);
        }
        assertThat(ForeignClients.look(bytes, 0, bytes.length)).isEqualTo(FirstBytes.SHIPPER);
    }

    @ParameterizedTest
    @ValueSource(ints = {100, ForeignClients.REQUEST_LINE_BYTES_MAX + 1})
    void aLongLineIsNotAwaitedForEver(int length) {
        byte[] bytes = ("GET /" + "a".repeat(length)).getBytes(ISO_8859_1);
        assertThat(ForeignClients.look(bytes, 0, bytes.length))
                .isEqualTo(length > ForeignClients.REQUEST_LINE_BYTES_MAX ? FirstBytes.SHIPPER : FirstBytes.UNDECIDED);
    }

    private static byte[] bytes(String escaped) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < escaped.length(); i++) {
            if (escaped.startsWith("\\x", i)) {
                text.append((char) Integer.parseInt(escaped, i + 2, i + 4, 16));
                i += 3;
            } else if (escaped.charAt(i) == '\\') {
                text.append(escaped.charAt(++i) == 'n' ? '\n' : '\r');
            } else {
                text.append(escaped.charAt(i));
            }
        }
        return text.toString().getBytes(ISO_8859_1);
    }
}
