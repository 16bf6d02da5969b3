package dev.sluice.simulation;

import org.junit.jupiter.api.Test;

class ListenSimulationTest {

    @Test
    void whatShippersSendIsStoredAndAnsweredWhateverHappens() {
        Simulation.run("listen", ListenSeed::world);
    }
}
