package dev.sluice.admin;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;

class ContentAccessTest {

    @Test
    void onlyNamesOfTheMachineItselfAreLocal() {
        for (String name : new String[] {"localhost", "LOCALHOST", "127.0.0.1", "127.1.2.3", "[::1]", "::1"}) {
            assertThat(isLocal(name)).as(name).isTrue();
        }
        for (String name : new String[] {"evil.example", "localhost.evil.example", "10.0.0.1", "", "[::2]"}) {
            assertThat(isLocal(name)).as(name).isFalse();
        }
        assertThat(ContentAccess.isAskedLocally(null)).isFalse();
    }

    private static boolean isLocal(String name) {
        return ContentAccess.isAskedLocally(InetSocketAddress.createUnresolved(name, 8080));
    }
}
