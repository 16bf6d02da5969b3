package dev.sluice.dryrun;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.config.WorkerRules;
import dev.sluice.event.Delivery;
import dev.sluice.event.LogEvent;
import dev.sluice.event.Origin;
import dev.sluice.event.Protocol;
import dev.sluice.event.RejectReason;
import dev.sluice.event.RowEncoder;
import dev.sluice.event.Rows;
import dev.sluice.rule.RuleEncoder;
import dev.sluice.rule.RuleObserver;
import dev.sluice.rule.field.EventJson;
import dev.sluice.text.ByteWriter;
import dev.sluice.text.JsonWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;

/** Stands where the row encoder stands, and prints what comes: a line of JSON for each event. */
final class DryRunPrinter implements RowEncoder {

    private static final Rows NO_ROWS = new Rows(List.of(), new byte[0], List.of());

    private final RowEncoder rules;
    private final OutputStream out;
    private final JsonWriter line = new LogEvent().attributes();
    private Origin origin = Origin.of("", "", Protocol.SYSLOG);
    private final ByteWriter lines = new ByteWriter(4096);
    private int deadLetters;
    private int deadLettersBefore;

    DryRunPrinter(WorkerRules rules, OutputStream out) {
        this.rules = rules.before(this, RuleObserver.NONE);
        this.out = out;
    }

    /** The rules, with this after them. */
    RowEncoder rules() {
        return rules;
    }

    int deadLetters() {
        return deadLetters;
    }

    /** Prints what became of one frame. */
    void print() throws IOException {
        out.write(lines.array(), 0, lines.size());
        lines.truncate(0);
    }

    @Override
    public void begin(Delivery delivery) {
        origin = delivery.origin();
    }

    @Override
    public void beginFrame() {
        deadLettersBefore = deadLetters;
    }

    @Override
    public void takeBack() {
        deadLetters = deadLettersBefore;
        lines.truncate(0);
    }

    @Override
    public void filtered() {
        outcome("filtered");
        endLine();
    }

    @Override
    public void event(LogEvent event) {
        outcome("stored");
        byte[] json = EventJson.of(event, origin);
        key("event").raw(json, 0, json.length);
        endLine();
    }

    @Override
    public void reject(RejectReason reason, String detail, byte[] bytes, int from, int to) {
        deadLetters++;
        outcome("dead_letter");
        text("reason", reason.label());
        text("detail", detail);
        text("payload", new String(bytes, from, to - from, UTF_8));
        endLine();
    }

    @Override
    public Rows seal() {
        return NO_ROWS;
    }

    private void outcome(String outcome) {
        line.open('{');
        text("outcome", outcome);
        key("rules").open('[');
        if (rules instanceof RuleEncoder encoder) {
            for (String rule : encoder.fired()) {
                byte[] name = rule.getBytes(UTF_8);
                line.string(name, 0, name.length);
            }
        }
        line.close(']');
    }

    private void endLine() {
        line.close('}');
        lines.put(line.text().array(), 0, line.text().size());
        lines.put('\n');
        line.clear();
    }

    private JsonWriter key(String name) {
        return line.key(name.getBytes(UTF_8));
    }

    private void text(String name, String value) {
        byte[] bytes = value.getBytes(UTF_8);
        key(name).string(bytes, 0, bytes.length);
    }
}
