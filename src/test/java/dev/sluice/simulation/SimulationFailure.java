package dev.sluice.simulation;

/** Something that must never be was seen. */
final class SimulationFailure extends AssertionError {

    private static final long serialVersionUID = 1L;

    SimulationFailure(String message) {
        super(message);
    }
}
