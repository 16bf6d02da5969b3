package dev.sluice.store.copy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.event.Origin;
import dev.sluice.event.Protocol;
import org.junit.jupiter.api.Test;

class DeliveryIdTest {

    private static final Origin ORIGIN = Origin.of("main", "10.0.0.1", Protocol.FORWARD);

    @Test
    void theSameIdOfAnotherSourceIsAnotherDelivery() {
        byte[] chunk = "a".getBytes(UTF_8);
        assertThat(DeliveryId.of(ORIGIN, chunk))
                .isEqualTo(DeliveryId.of(ORIGIN, chunk))
                .isNotEqualTo(DeliveryId.of(Origin.of("main", "10.0.0.2", Protocol.FORWARD), chunk));
    }
}
