package dev.sluice.text;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.zone.ZoneRules;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LocalZoneTest {

    private static final long YEAR = 31_556_952;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "UTC",
                "+05:30",
                "Europe/Berlin",
                "America/New_York",
                "Australia/Lord_Howe",
                "Asia/Kathmandu",
                "Africa/Casablanca",
                "Pacific/Apia",
                "Asia/Tokyo",
                "America/St_Johns"
            })
    void offsetsAreThoseOfItsRules(String name) {
        ZoneRules rules = ZoneId.of(name).getRules();
        LocalZone zone = LocalZone.of(ZoneId.of(name));
        rules.getTransitions().forEach(change -> check(zone, rules, change.toEpochSecond()));
        for (Instant at = Instant.parse("2007-01-01T00:00:00Z"); at.isBefore(Instant.parse("2040-01-01T00:00:00Z")); ) {
            var change = rules.nextTransition(at);
            if (change == null) {
                break;
            }
            at = change.getInstant();
            check(zone, rules, at.getEpochSecond());
        }
        Random random = new Random(1);
        random.longs(300, -2000 * YEAR, 8000 * YEAR).forEach(second -> check(zone, rules, second));
        random.longs(300, 0, 230 * YEAR).forEach(second -> check(zone, rules, second));
    }

    @Test
    void questionsMakeNoGarbage() {
        LocalZone zone = LocalZone.of(ZoneId.of("Europe/Berlin"));
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        ask(zone);
        long before = threads.getCurrentThreadAllocatedBytes();
        ask(zone);
        assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(1000);
    }

    private static void check(LocalZone zone, ZoneRules rules, long second) {
        for (int hours = -25; hours <= 25; hours++) {
            for (int around = -1; around <= 1; around++) {
                long at = second + hours * 3600L + around;
                assertThat(zone.offsetSeconds(at))
                        .isEqualTo(rules.getOffset(LocalDateTime.ofEpochSecond(at, 0, ZoneOffset.UTC))
                                .getTotalSeconds());
                assertThat(zone.localSeconds(at))
                        .isEqualTo(
                                at + rules.getOffset(Instant.ofEpochSecond(at)).getTotalSeconds());
            }
        }
    }

    private static void ask(LocalZone zone) {
        long sum = 0;
        for (int i = 0; i < 10_000; i++) {
            sum += zone.offsetSeconds(1_700_000_000L + i * 3600L) + zone.localSeconds(1_700_000_000L + i * 3600L);
        }
        assertThat(sum).isPositive();
    }
}
