package dev.sluice.simulation;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/**
 * What the sessions of a server see as committed. It is the judge, too: an event that is committed twice fails the
 * simulation in that step.
 */
final class Tables {

    final Map<UUID, Integer> batches = new LinkedHashMap<>();
    final Set<UUID> deliveries = new LinkedHashSet<>();
    private final Map<String, CopiedRow> events = new HashMap<>();
    private final Map<String, CopiedRow> letters = new HashMap<>();
    private final Expected expected;
    private int unnamed;

    Tables(Expected expected) {
        this.expected = expected;
    }

    void commit(Transaction done) {
        batches.putAll(done.batches);
        deliveries.addAll(done.deliveries);
        done.events.forEach(row -> keep(events, row));
        done.letters.forEach(row -> keep(letters, row));
    }

    private void keep(Map<String, CopiedRow> table, CopiedRow row) {
        expected.check(row, table == events);
        boolean isPart = table == letters && expected.mayBeCut() && has(row.name());
        if (row.name().isEmpty() || isPart) {
            unnamed++; // part of an event, or nothing that was meant as one
            return;
        }
        if (events.containsKey(row.name()) || (letters.containsKey(row.name()) && !expected.mayBeCut())) {
            throw new SimulationFailure(row.name() + " was committed twice");
        }
        table.put(row.name(), row);
    }

    /** As an event or as a dead letter. */
    boolean has(String name) {
        return events.containsKey(name) || letters.containsKey(name);
    }

    boolean hasEvent(String name) {
        return events.containsKey(name);
    }

    boolean hasLetter(String name) {
        return letters.containsKey(name);
    }

    /** When an event was received that is in the table. */
    long receivedAt(String name) {
        return events.get(name).receivedAt();
    }

    int events() {
        return events.size();
    }

    int letters() {
        return letters.size();
    }

    int unnamed() {
        return unnamed;
    }

    /** Some row that the table has. */
    List<List<String>> neighbour() {
        return events.values().stream()
                .limit(1)
                .map(row -> List.of(row.valuesHex()))
                .toList();
    }
}
