package dev.sluice.rule.field;

import dev.sluice.event.LogEvent;
import dev.sluice.event.Origin;
import dev.sluice.event.Protocol;
import dev.sluice.rule.search.BytePairs;
import dev.sluice.text.Slice;
import org.jspecify.annotations.Nullable;

/** What the rules know of the event at hand besides the event itself. One instance a worker, reused. */
public final class RuleContext {

    /** Rules may add this many bytes to an event, and twice its own size. */
    public static final int ROOM_BYTES = 1024;

    public static final int ROOM_PER_BYTE = 2;

    private final BytePairs pairs = new BytePairs();

    /** The texts whose pairs are known; those of texts that were replaced since may be among them. */
    private final Slice[] seen = {new Slice(), new Slice(), new Slice(), new Slice(), new Slice()};

    private boolean anySeen;
    private Origin origin = Origin.of("", "", Protocol.SYSLOG);
    private int room;
    private double share;
    private @Nullable String routedBy;

    public void origin(Origin of) {
        origin = of;
    }

    public Origin origin() {
        return origin;
    }

    /** A new event begins. */
    public void start(LogEvent event) {
        start(event.message().length()
                + event.attributes().text().size()
                + event.host().length()
                + event.app().length()
                + event.procId().length()
                + event.msgId().length());
    }

    /** A new text of {@code size} bytes begins. */
    public void start(int size) {
        anySeen = false;
        room = ROOM_BYTES + ROOM_PER_BYTE * size;
        share = 1;
        routedBy = null;
    }

    /** The pairs of the message, and perhaps of other texts of the event. */
    public BytePairs pairsOfMessage(LogEvent event) {
        see(event.message(), 0);
        return pairs;
    }

    /** The pairs of all texts of the event but its attributes. */
    public BytePairs pairsOfTexts(LogEvent event) {
        see(event.message(), 0);
        see(event.host(), 1);
        see(event.app(), 2);
        see(event.procId(), 3);
        see(event.msgId(), 4);
        return pairs;
    }

    @SuppressWarnings("ReferenceEquality") // which array it is, not what is in it
    private void see(Slice text, int place) {
        if (!anySeen) {
            anySeen = true;
            pairs.clear();
            for (Slice each : seen) {
                each.clear();
            }
        }
        Slice before = seen[place];
        if (text.array() != before.array() || text.offset() != before.offset() || text.length() != before.length()) {
            pairs.add(text);
            before.set(text.array(), text.offset(), text.length());
        }
    }

    /** Whether the event may grow by {@code bytes}; if so they are taken. */
    public boolean take(int bytes) {
        if (bytes > room) {
            return false;
        }
        room -= bytes;
        return true;
    }

    /** The event stands for {@code 1 / share} events. */
    public void sampled(double kept) {
        share *= kept;
    }

    public double share() {
        return share;
    }

    /** The event will be a dead letter. */
    public void route(String rule) {
        routedBy = rule;
    }

    @Nullable
    public String routedBy() {
        return routedBy;
    }
}
