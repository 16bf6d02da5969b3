package dev.sluice.simulation;

import dev.sluice.simulation.SimulatedShipper.Unit;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Makes the events that shippers send; the first word of each is its name. */
final class Workload {

    private static final int TEXT_MAX = 1500;

    private final SplittableRandom random;
    private int events;

    Workload(SplittableRandom random) {
        this.random = random;
    }

    /** What one shipper has to send, a little or a lot. */
    List<Unit> of(Conversation conversation) {
        List<Unit> units = new ArrayList<>();
        int count = 1 + random.nextInt(random.nextInt(5) == 0 ? 100 : 15);
        for (int i = 0; i < count; i++) {
            List<String> unit = new ArrayList<>();
            int size = 1 + random.nextInt(conversation.eventsMax());
            for (int j = 0; j < size; j++) {
                unit.add("event-" + events++ + " " + "x".repeat(random.nextInt(TEXT_MAX)));
            }
            units.add(new Unit(i, unit));
        }
        return units;
    }
}
