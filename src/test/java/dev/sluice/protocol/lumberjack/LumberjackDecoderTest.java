package dev.sluice.protocol.lumberjack;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.event.EventSink;
import dev.sluice.event.LogEvent;
import dev.sluice.event.Protocol;
import dev.sluice.event.RejectReason;
import dev.sluice.protocol.Protocols;
import java.time.ZoneOffset;
import java.util.Base64;
import org.junit.jupiter.api.Test;

class LumberjackDecoderTest {

    /** It is decoded from a repaired copy; what came is kept, and not what it was written as in between. */
    @Test
    void pairsThatAreRepairedKeepTheirFrame() {
        byte[] frame = "\0\0\0\1\0\0\0\1a\0\0\0\3x\0\u00FF".getBytes(ISO_8859_1);
        assertThat(attributes(frame))
                .isEqualTo("\"a\":\"x\uFFFD\uFFFD\",\"sluice.original\":\""
                        + Base64.getEncoder().encodeToString(frame) + "\"");
    }

    @Test
    void pairsThatAreCleanDoNot() {
        assertThat(attributes("\0\0\0\1\0\0\0\1a\0\0\0\3xyz".getBytes(ISO_8859_1)))
                .isEqualTo("\"a\":\"xyz\"");
    }

    private static String attributes(byte[] frame) {
        LogEvent event = new LogEvent();
        event.reset(1);
        StringBuilder attributes = new StringBuilder();
        new Protocols(ZoneOffset.UTC, 64)
                .decoder(Protocol.LUMBERJACK)
                .decode(frame, 0, frame.length, event, new EventSink() {
                    @Override
                    public void event(LogEvent decoded) {
                        var text = decoded.attributes().text();
                        attributes.append(new String(text.array(), 0, text.size(), UTF_8));
                    }

                    @Override
                    public void reject(RejectReason reason, String detail, byte[] bytes, int from, int to) {
                        throw new AssertionError(detail);
                    }
                });
        return attributes.toString();
    }
}
