package dev.sluice.tail;

import dev.sluice.event.LogEvent;
import dev.sluice.rule.field.RuleContext;
import java.util.ArrayList;
import java.util.List;

/** What a batch of frames has for one who looks: lines, until one has no room, and how many events came after. */
final class TailShare {

    private final TailListener listener;
    private final List<byte[]> lines = new ArrayList<>();
    private int room;
    private long lost;
    private int linesBefore;
    private int roomBefore;
    private long lostBefore;

    TailShare(TailListener listener) {
        this.listener = listener;
        room = listener.room();
    }

    void beginFrame() {
        linesBefore = lines.size();
        roomBefore = room;
        lostBefore = lost;
    }

    void takeBack() {
        lines.subList(linesBefore, lines.size()).clear();
        room = roomBefore;
        lost = lostBefore;
    }

    /** Whether this needs to see the next event; if not, that one is lost here, too. */
    boolean looks() {
        return room > 0 || !listener.filter().matchesAll();
    }

    /** Whether it is for this one and has room. */
    boolean wants(LogEvent event, RuleContext context) {
        if (!listener.filter().matches(event, context)) {
            return false;
        }
        boolean has = room > event.message().length();
        if (!has) {
            lose();
        }
        return has;
    }

    void take(byte[] json) {
        if (json.length < room) {
            room -= json.length + 1;
            lines.add(json);
        } else {
            lose();
        }
    }

    /** What comes after something that was lost has no room. */
    private void lose() {
        lost++;
        room = 0;
    }

    /** The end of the batch of frames, of which so many events more were lost. */
    void tell(long more) {
        if (!lines.isEmpty() || lost + more > 0) {
            listener.add(lines, lost + more);
        }
    }
}
