package dev.sluice.store.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class HostAddressTest {

    @ParameterizedTest
    @CsvSource({
        "db,                    '[db:5432]'",
        "db:1,                  '[db:1]'",
        "'a:1,b',               '[a:1, b:5432]'",
        "'a:1, b:2 ,c:3',       '[a:1, b:2, c:3]'",
        "::1,                   '[[::1]:5432]'",
        "[::1],                 '[[::1]:5432]'",
        "[::1]:7,               '[[::1]:7]'",
        "'[fd00::1]:7,db:8,::2', '[[fd00::1]:7, db:8, [::2]:5432]'",
        "'a,b,a',               '[a:5432, b:5432]'",
    })
    void hostsAreReadWithTheirPorts(String text, String expected) {
        assertThat(HostAddress.listOf(text, 5432)).hasToString(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a,", ",a", "a:", "a:0", "a:65536", "a:x", "a:99999999999", ":5432", "[::1", "[]:1"})
    void whatIsNoHostIsRefused(String text) {
        assertThatThrownBy(() -> HostAddress.listOf(text, 5432)).isInstanceOf(IllegalArgumentException.class);
    }
}
