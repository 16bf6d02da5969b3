package dev.sluice.listen.admission;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SourcesTest {

    @Test
    void aSourceHasAsManyConnectionsAsItMayAndOthersTheirOwn() {
        Sources sources = new Sources(limits(2, 0));
        Sources.Source first = admit(sources, "10.0.0.1");
        assertThat(admit(sources, "10.0.0.1")).isSameAs(first);
        assertThat(admit(sources, "10.0.0.1")).isNull();
        assertThat(admit(sources, "10.0.0.2")).isNotNull();
        sources.leave(first);
        assertThat(admit(sources, "10.0.0.1")).isNotNull();
    }

    @Test
    void anIpv6SourceIsItsNetworkOf64Bits() {
        Sources sources = new Sources(limits(1, 0));
        assertThat(admit(sources, "2001:db8::1")).isNotNull();
        assertThat(admit(sources, "2001:db8::2")).isNull();
        assertThat(admit(sources, "2001:db8:0:1::1")).isNotNull();
    }

    @Test
    void whoLeftIsForgotten() {
        Sources sources = new Sources(limits(1, 0));
        for (int i = 0; i < 1000; i++) {
            sources.leave(admit(sources, "10.0.0." + i % 256));
        }
        assertThat(sources.size()).isZero();
    }

    @Test
    void aNewConnectionDoesNotResetTheRateOfItsSource() {
        Sources sources = new Sources(limits(0, 1000));
        Sources.Source source = admit(sources, "10.0.0.1");
        source.rate().take(1001);
        sources.leave(source);
        assertThat(admit(sources, "10.0.0.1").rate().mustWait()).isTrue();
    }

    @Test
    void noMoreAreKeptForTheirRateThanConnectionsAreAllowed() {
        Sources sources = new Sources(limits(0, 1000));
        List<Sources.Source> connected = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            Sources.Source source = admit(sources, "10.0.0." + i);
            source.rate().take(1_000_000);
            connected.add(source);
        }
        connected.forEach(sources::leave);
        assertThat(sources.size()).isEqualTo(100);
    }

    private static Sources.Source admit(Sources sources, String address) {
        return sources.admit(InetAddress.ofLiteral(address));
    }

    private static Limits limits(int perSource, long bytesPerSecond) {
        return new Limits(100, perSource, List.of(), bytesPerSecond, Limits.Times.UNLIMITED);
    }
}
