package dev.sluice.tail;

import dev.sluice.event.Delivery;
import dev.sluice.event.FrameBatch;
import dev.sluice.event.LogEvent;
import dev.sluice.event.RejectReason;
import dev.sluice.event.RowEncoder;
import dev.sluice.event.Rows;
import dev.sluice.rule.field.EventJson;
import dev.sluice.rule.field.RuleContext;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Shows the events of a batch of frames, after the rules, on their way to the row encoder. One instance a worker; not
 * thread-safe. An event becomes JSON only for those who have room for it, and those are told once a batch of frames.
 */
final class TailEncoder implements RowEncoder {

    private final Tail tail;
    private final RowEncoder rows;
    private final RuleContext context = new RuleContext();

    /** Of the batch of frames at hand. */
    private final List<Share> shares = new ArrayList<>();

    TailEncoder(Tail tail, RowEncoder rows) {
        this.tail = tail;
        this.rows = rows;
    }

    @Override
    public void begin(Delivery delivery) {
        if (shares.isEmpty()) {
            for (TailListener listener : tail.listeners()) {
                shares.add(new Share(listener));
            }
        }
        context.origin(delivery.origin());
        rows.begin(delivery);
    }

    @Override
    public void beginFrame() {
        shares.forEach(Share::beginFrame);
        rows.beginFrame();
    }

    @Override
    public void identity(byte[] identity) {
        rows.identity(identity);
    }

    @Override
    public long bytes() {
        return rows.bytes();
    }

    @Override
    public void event(LogEvent event) {
        byte @Nullable [] json = null;
        for (int i = 0; i < shares.size(); i++) {
            Share share = shares.get(i);
            if (share.wants(event, context)) {
                json = json == null ? EventJson.of(event, context.origin()) : json;
                share.take(json);
            }
        }
        rows.event(event);
    }

    @Override
    public void reject(RejectReason reason, String detail, byte[] bytes, int from, int to) {
        rows.reject(reason, detail, bytes, from, to);
    }

    @Override
    public void reject(FrameBatch.Reject refused) {
        rows.reject(refused);
    }

    @Override
    public void filtered() {
        rows.filtered();
    }

    @Override
    public void takeBack() {
        shares.forEach(Share::takeBack);
        rows.takeBack();
    }

    @Override
    public void discard() {
        shares.clear();
        rows.discard();
    }

    @Override
    public Rows seal() {
        shares.forEach(Share::tell);
        shares.clear();
        return rows.seal();
    }

    /** What a batch of frames has for one listener. */
    private static final class Share {

        private final TailListener listener;
        private final List<byte[]> lines = new ArrayList<>();
        private int room;
        private long lost;
        private int linesBefore;
        private int roomBefore;
        private long lostBefore;

        Share(TailListener listener) {
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

        /** Whether it is for this one and has room; what comes after something that was lost has none. */
        boolean wants(LogEvent event, RuleContext context) {
            if (!listener.filter().matches(event, context)) {
                return false;
            }
            boolean has = lost == 0 && room > event.message().length();
            lost += has ? 0 : 1;
            return has;
        }

        void take(byte[] json) {
            if (json.length < room) {
                room -= json.length + 1;
                lines.add(json);
            } else {
                lost++;
            }
        }

        void tell() {
            if (!lines.isEmpty() || lost > 0) {
                listener.add(lines, lost);
            }
        }
    }
}
