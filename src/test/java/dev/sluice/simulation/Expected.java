package dev.sluice.simulation;

import java.util.HashMap;
import java.util.Map;

/** What rows may say, because somebody sends it. */
final class Expected {

    /** So many bytes at the beginning of a connection may be of any protocol. */
    private static final int TELLING_BYTES = 16;

    private final Map<String, String> sent = new HashMap<>();
    private boolean isDamageExpected;
    private boolean mayBeCut;
    private boolean mayLinesBeCut;
    private boolean areScrapsExpected;

    /** An event will come whose first word is its name, and its row has to say what it says. */
    void expect(String text) {
        sent.put(text.substring(0, text.indexOf(' ')), text);
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

    /** Connections will be reset when so little of them was read that it is a line to anybody. */
    void expectScraps() {
        areScrapsExpected = true;
    }

    boolean mayBeCut() {
        return mayBeCut;
    }

    void check(CopiedRow row, boolean isEvent) {
        String text = sent.get(row.name());
        boolean isSame =
                isEvent ? row.text().equals(text) : text != null && row.text().contains(text);
        boolean isPart = isEvent ? mayLinesBeCut && text != null && text.startsWith(row.text()) : mayBeCut;
        boolean isScrap = areScrapsExpected && text == null && row.text().length() < TELLING_BYTES;
        if (!isSame && !isPart && !isScrap && (text != null || !isDamageExpected)) {
            throw new SimulationFailure("a row of '" + row.name() + "' does not say what was sent: " + row.text());
        }
    }
}
