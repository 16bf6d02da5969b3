package dev.sluice.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.simulation.Shipments.Shipment;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

@Isolated("it sets Reactor's factory and the levels of the log for the whole JVM")
class StoreSimulationTest {

    @Test
    void storesEverythingOnceWhateverTheDatabaseDoes() {
        Simulation.run(World.STORE);
    }

    @Test
    void aSeedIsOneHistory() {
        assertThat(World.STORE.apply(1)).isEqualTo(World.STORE.apply(1));
    }

    @Test
    void countsARefusedRowOnceWhenAnotherOneEndsTheSession() {
        StoreWorld world = StoreWorld.quiet();
        Shipment shipment = new Shipment(
                0,
                true,
                List.of("event-0 refused:23514", "event-1 is good", "event-2 refused:ends", "event-3 is good"));
        Simulation.quietly(seed -> new Simulation.Run(world.time, () -> world.run(List.of(shipment))), 0);
        assertThat(world.cluster.tables().letters()).isEqualTo(2);
    }
}
