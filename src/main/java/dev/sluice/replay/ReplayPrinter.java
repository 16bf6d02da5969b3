package dev.sluice.replay;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.store.ReplayOutcome;
import dev.sluice.store.ReplayedLetter;
import java.io.IOException;
import java.io.OutputStream;

/** Prints what a replay did, for a person. */
public final class ReplayPrinter {

    private final OutputStream out;

    /** A printer to {@code out}. */
    public ReplayPrinter(OutputStream out) {
        this.out = out;
    }

    /** One line. */
    public void line(String line) throws IOException {
        out.write((line + "\n").getBytes(UTF_8));
        out.flush();
    }

    /** The whole report. */
    public void print(ReplayReport report) throws IOException {
        for (ReplayedLetter example : report.examples()) {
            line(example(example));
        }
        if (!report.examples().isEmpty()) {
            line("");
        }
        StringBuilder table = new StringBuilder();
        report.counts()
                .forEach((reason, outcomes) -> outcomes.forEach((outcome, count) ->
                        table.append("%10d  %-18s %s\n".formatted(count, reason, outcome(outcome, report.applied())))));
        report.newReasons()
                .forEach((reason, count) ->
                        table.append("%10d  of those that cannot be stored: %s\n".formatted(count, reason)));
        if (!table.isEmpty()) {
            line(table.toString());
        }
        line(total(report));
    }

    private static String total(ReplayReport report) {
        long gone = report.count(ReplayOutcome.STORED) + report.count(ReplayOutcome.FILTERED);
        if (gone + report.staying() == 0) {
            return "There are no such dead letters.";
        }
        String parts = report.deadLetters() == 0
                ? ""
                : " (parts of them " + (report.applied() ? "are " : "would be ") + report.deadLetters()
                        + " dead letters of their own)";
        return report.applied()
                ? "Replayed " + gone + " dead letters as " + report.events() + " events" + parts + "; "
                        + report.staying() + " stay."
                : "Nothing was changed. With --apply " + gone + " dead letters would become " + report.events()
                        + " events" + parts + "; " + report.staying() + " would stay.";
    }

    private static String outcome(ReplayOutcome outcome, boolean applied) {
        return switch (outcome) {
            case STORED -> applied ? "stored" : "would be stored";
            case FILTERED -> applied ? "dropped by a rule" : "would be dropped by a rule";
            case DEAD_AGAIN -> "cannot be stored now either, and stays";
            case NO_PARTITION -> "has no partition any more, and stays";
            case INCOMPLETE -> "is not kept as a whole, and stays";
            case TOO_LONG -> "is longer than max-frame of its listener, and stays";
        };
    }

    private static String example(ReplayedLetter letter) {
        String now = letter.newReason() == null ? "" : " now " + letter.newReason();
        String detail = letter.detail() == null ? "" : ": " + letter.detail();
        return letter.reason() + " -> " + letter.outcome().label() + now + detail;
    }
}
