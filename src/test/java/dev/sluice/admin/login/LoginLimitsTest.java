package dev.sluice.admin.login;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.springframework.mock.http.server.reactive.MockServerHttpRequest;
import org.springframework.mock.web.server.MockServerWebExchange;
import reactor.core.publisher.Mono;

class LoginLimitsTest {

    private final AtomicLong clock = new AtomicLong();
    private final LoginLimits limits = new LoginLimits(clock::get);

    @Test
    void anAddressMayFailSoOftenAMinute() {
        for (int i = 0; i < LoginLimits.FAILURES_PER_ADDRESS; i++) {
            fail("a");
        }
        assertThat(limits.begin("a")).isFalse();
        assertThat(limits.begin("b")).isTrue();
        clock.addAndGet(LoginLimits.WINDOW_NANOS);
        assertThat(limits.begin("a")).isTrue();
    }

    @Test
    void whatSucceedsCostsNothing() {
        for (int i = 0; i < 1000; i++) {
            assertThat(limits.begin("a")).isTrue();
            limits.end("a", false);
        }
    }

    @Test
    void manyAddressesTogetherMayFailSoOften() {
        for (int i = 0; i < LoginLimits.FAILURES_MAX; i++) {
            fail("address " + i);
        }
        assertThat(limits.begin("another")).isFalse();
    }

    @Test
    void soManyAreTriedAtATime() {
        for (int i = 0; i < LoginLimits.AT_ONCE_MAX; i++) {
            assertThat(limits.begin("address " + i)).isTrue();
        }
        assertThat(limits.begin("another")).isFalse();
        limits.end("address 0", false);
        assertThat(limits.begin("another")).isTrue();
    }

    @Test
    void anAttemptThatOutlivesItsMinuteIsCountedOnce() {
        assertThat(limits.begin("a")).isTrue();
        clock.addAndGet(LoginLimits.WINDOW_NANOS);
        assertThat(limits.begin("b")).isTrue();
        limits.end("a", false);
        limits.end("b", false);
        for (int i = 0; i < LoginLimits.FAILURES_PER_ADDRESS; i++) {
            fail("a");
        }
        assertThat(limits.begin("a")).isFalse();
    }

    @Test
    void allAddressesOfAnIpv6NetworkAreOne() {
        assertThat(group("2001:db8:1:2::1")).isEqualTo(group("2001:db8:1:2:ffff::2"));
        assertThat(group("2001:db8:1:3::1")).isNotEqualTo(group("2001:db8:1:2::1"));
        assertThat(group("10.0.0.1")).isNotEqualTo(group("10.0.0.2"));
    }

    /** Its password is compared all the same. */
    @Test
    void whoGoesBeforeTheAnswerHasGuessed() {
        InetSocketAddress remote = new InetSocketAddress("10.0.0.1", 1);
        for (int i = 0; i < LoginLimits.FAILURES_PER_ADDRESS; i++) {
            MockServerWebExchange guess = MockServerWebExchange.from(
                    MockServerHttpRequest.post("/login").remoteAddress(remote));
            limits.filter(guess, exchange -> Mono.never()).subscribe().dispose();
        }
        assertThat(limits.begin(LoginLimits.group(remote))).isFalse();
    }

    private void fail(String who) {
        assertThat(limits.begin(who)).isTrue();
        limits.end(who, true);
    }

    private static String group(String address) {
        return LoginLimits.group(new InetSocketAddress(address, 1));
    }
}
