package dev.sluice.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

@Isolated("it sets Reactor's factory and the levels of the log for the whole JVM")
class ListenSimulationTest {

    private final World.Seeds worlds;

    /** With the clock of the simulation in the listener, too. */
    ListenSimulationTest() throws ReflectiveOperationException {
        worlds = MutantLoader.world(Mutant.none(), World.LISTEN);
    }

    @Test
    void whatShippersSendIsStoredAndAnsweredWhateverHappens() {
        worlds.all().run();
    }

    @Test
    void aSeedIsOneHistory() {
        assertThat(worlds.one().apply(1)).isEqualTo(worlds.one().apply(1));
    }
}
