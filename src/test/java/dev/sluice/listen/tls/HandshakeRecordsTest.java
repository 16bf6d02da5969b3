package dev.sluice.listen.tls;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.listen.admission.Admission;
import dev.sluice.listen.admission.Sources;
import dev.sluice.listen.netty.ReadDemand;
import dev.sluice.listen.report.ListenObserver.Refusal;
import dev.sluice.listen.report.StrayClients;
import dev.sluice.listen.tls.TlsSettings.ClientAuth;
import dev.sluice.testing.TestAuthority;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.embedded.EmbeddedChannel;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class HandshakeRecordsTest {

    private static final TestAuthority AUTHORITY = new TestAuthority("authority");
    private static final InetAddress ADDRESS = InetAddress.ofLiteral("192.0.2.1");

    /** A record with the beginning of a message, which is not answered. */
    private static final byte[] RECORD = HexFormat.of().parseHex("1603010004" + "010000ff");

    private final EmbeddedChannel channel = new EmbeddedChannel();
    private final List<String> served = new ArrayList<>();

    @AfterEach
    void release() {
        channel.finishAndReleaseAll();
    }

    /** Connections that come and go would otherwise stay in line, and take the turns of their source. */
    @Test
    void aConnectionThatIsGoneLeavesTheLine() {
        begin();
        channel.pipeline().fireChannelRead(Unpooled.wrappedBuffer(RECORD));
        channel.pipeline().remove("tls-records");
        String source = Sources.groupOf(ADDRESS);
        join("of the same source", source);
        join("of another", "another");
        serve();
        assertThat(served).containsExactly("of the same source", "of another");
    }

    @Test
    void aConnectionThatIsThereTakesTheTurnOfItsSource() {
        begin();
        channel.pipeline().fireChannelRead(Unpooled.wrappedBuffer(RECORD));
        join("of the same source", Sources.groupOf(ADDRESS));
        join("of another", "another");
        serve();
        assertThat(served).containsExactly("of another", "of the same source");
    }

    /** What is scheduled in a turn of the loop is taken in the next one. */
    private void serve() {
        while (served.size() < 2) {
            channel.runPendingTasks();
        }
    }

    private void begin() {
        TlsMaterial material = new TlsMaterial(AUTHORITY.server().keys(), AUTHORITY.trust(), List.of(), List.of());
        TlsSettings settings = new TlsSettings(false, ClientAuth.NONE, Duration.ofSeconds(10));
        new TlsSession(
                        new Arriving(channel),
                        new TlsCredentials(settings, material),
                        new StrayClients("main", System::nanoTime))
                .begin();
    }

    private void join(String name, String source) {
        HandshakeTurns.get()
                .join(
                        new HandshakeTurns.Waiter() {
                            @Override
                            public String source() {
                                return source;
                            }

                            @Override
                            public void onTurn() {
                                served.add(name);
                            }
                        },
                        channel.eventLoop());
    }

    private record Arriving(Channel channel) implements Admission {

        @Override
        public InetAddress address() {
            return ADDRESS;
        }

        @Override
        public void putInFront(String name, ChannelHandler handler) {
            if (name.equals("tls-records")) {
                channel.pipeline().addLast(name, handler); // nobody decrypts here
            }
        }

        @Override
        public void putInFront(String name, ChannelHandler first, ChannelHandler second) {}

        @Override
        public void setAddress(InetAddress client) {}

        @Override
        public void setSubject(String name) {}

        @Override
        public void setSource(Sources.Source admitted) {}

        @Override
        public void setDemand(ReadDemand demand) {}

        @Override
        public void setTimeLimit(Duration limit, Refusal why) {}

        @Override
        public void setSilenceLimit(Duration limit) {}

        @Override
        public void pass() {}

        @Override
        public void refuse(Refusal why) {}
    }
}
