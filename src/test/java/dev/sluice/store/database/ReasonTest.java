package dev.sluice.store.database;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.ConnectException;
import java.net.UnknownHostException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReasonTest {

    /** Of the JDK, of the JDK with its resolver's words, and of Netty. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "db.example",
                "db.example: Name or service not known",
                "Failed to resolve 'db.example' [A(1), AAAA(28)] after 2 queries "
            })
    void anUnknownNameIsSaidAsOne(String message) {
        Throwable failure = new ConnectException("refused");
        failure.initCause(new UnknownHostException(message));
        assertThat(Reason.of(failure)).isEqualTo("refused: the name db.example is unknown");
    }
}
