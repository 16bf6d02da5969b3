package dev.sluice.simulation;

import java.util.HashMap;
import java.util.Map;

/** What rows may say, because somebody sends it. */
final class Expected {

    private final Map<String, String> sent = new HashMap<>();
    private boolean isDamageExpected;
    private boolean mayBeCut;
    private boolean mayLinesBeCut;

    /** An event will come, and its row has to say what it says. */
    void expect(String name, String text) {
        sent.put(name, text);
    }

    /** Something will come that is not as it should be, so that rows may hold anything. */
    void expectDamage() {
        isDamageExpected = true;
    }

    /** A message will be cut, and come again: what there is of it is kept as a dead letter. */
    void expectCut() {
        mayBeCut = true;
    }

    /** Connections will be closed while lines come: what there is of a line is a row. */
    void expectCutLines() {
        mayLinesBeCut = true;
        isDamageExpected = true; // of a name that is cut nothing is known
    }

    boolean mayBeCut() {
        return mayBeCut;
    }

    void check(CopiedRow row, boolean isEvent) {
        String text = sent.get(row.name());
        boolean isSame =
                isEvent ? row.text().equals(text) : text != null && row.text().contains(text);
        boolean isPart = isEvent ? mayLinesBeCut && text != null && text.startsWith(row.text()) : mayBeCut;
        if (!isSame && !isPart && (text != null || !isDamageExpected)) {
            throw new SimulationFailure("a row of '" + row.name() + "' does not say what was sent: " + row.text());
        }
    }
}
