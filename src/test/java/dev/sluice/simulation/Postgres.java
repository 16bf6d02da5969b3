package dev.sluice.simulation;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/**
 * A model of a server of PostgreSQL: what is committed, and the sessions that hold locks on keys. It is the judge, too:
 * an event that is committed twice fails the simulation in that step.
 */
final class Postgres {

    final VirtualTime time;
    final PostgresFaults faults;

    final Map<UUID, Integer> batches = new LinkedHashMap<>();
    final Set<UUID> deliveries = new LinkedHashSet<>();
    private final Map<String, CopiedRow> events = new HashMap<>();
    private final Map<String, CopiedRow> letters = new HashMap<>();

    /** What the events say that are sent as they should be, by their names. */
    private final Map<String, String> sent = new HashMap<>();

    private boolean isDamageExpected;

    private final List<PostgresSession> sessions = new ArrayList<>();
    private long downUntil;
    private long frozenUntil;
    private long fullUntil;
    private int starts;
    private int unnamed;

    Postgres(VirtualTime time, PostgresFaults faults) {
        this.time = time;
        this.faults = faults;
    }

    PostgresSession session() {
        return new PostgresSession(this);
    }

    void opened(PostgresSession session) {
        sessions.add(session);
    }

    void closed(PostgresSession session) {
        sessions.remove(session);
        wakeWaiting();
    }

    /** Everything that was committed stays; everybody is thrown out. */
    void restart(long downNanos) {
        starts++;
        downUntil = time.nanos() + downNanos;
        List.copyOf(sessions).forEach(session -> session.die(true));
    }

    boolean isDown() {
        return time.nanos() < downUntil;
    }

    /** Nothing can be copied for a while. */
    void fill(long nanos) {
        fullUntil = time.nanos() + nanos;
    }

    boolean isFull() {
        return time.nanos() < fullUntil;
    }

    void freeze(long nanos) {
        frozenUntil = Math.max(frozenUntil, time.nanos() + nanos);
    }

    long frozenNanos() {
        return Math.max(0, frozenUntil - time.nanos());
    }

    String startedAt() {
        return "17954784" + starts;
    }

    int openSessions() {
        return sessions.size();
    }

    /** The other session that has inserted the key and not decided yet, or null. */
    PostgresSession holder(UUID key, PostgresSession asking) {
        return sessions.stream()
                .filter(each -> each != asking && each.holds(key))
                .findFirst()
                .orElse(null);
    }

    void commit(Transaction done) {
        batches.putAll(done.batches);
        deliveries.addAll(done.deliveries);
        done.events.forEach(row -> keep(events, row));
        done.letters.forEach(row -> keep(letters, row));
        wakeWaiting();
    }

    void wakeWaiting() {
        List.copyOf(sessions).forEach(PostgresSession::wake);
    }

    /** An event will come, and its row has to say what it says. */
    void expect(String name, String text) {
        sent.put(name, text);
    }

    /** Something will come that is not as it should be, so that rows may hold anything. */
    void expectDamage() {
        isDamageExpected = true;
    }

    private void keep(Map<String, CopiedRow> table, CopiedRow row) {
        String text = sent.get(row.name());
        boolean isSame = table == events
                ? row.text().equals(text)
                : text != null && row.text().contains(text);
        if (!isSame && (text != null || !isDamageExpected)) {
            throw new SimulationFailure("a row of '" + row.name() + "' does not say what was sent: " + row.text());
        }
        if (row.name().isEmpty()) {
            unnamed++; // part of an event, or nothing that was meant as one
            return;
        }
        if (events.containsKey(row.name()) || letters.containsKey(row.name())) {
            throw new SimulationFailure(row.name() + " was committed twice");
        }
        table.put(row.name(), row);
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
