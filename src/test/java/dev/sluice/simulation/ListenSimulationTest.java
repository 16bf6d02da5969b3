package dev.sluice.simulation;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

@Isolated("it sets Reactor's factory and the levels of the log for the whole JVM")
class ListenSimulationTest {

    @Test
    void whatShippersSendIsStoredAndAnsweredWhateverHappens() {
        Simulation.run(World.LISTEN);
    }
}
