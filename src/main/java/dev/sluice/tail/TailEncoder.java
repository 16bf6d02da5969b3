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
 * While all who look want every event and have no room, which is so most of the time at the full rate, it only counts.
 */
final class TailEncoder implements RowEncoder {

    private final Tail tail;
    private final RowEncoder rows;
    private final RuleContext context = new RuleContext();

    /** Of the batch of frames at hand. */
    private final List<TailShare> shares = new ArrayList<>();

    /** Whether an event has to be looked at; if not, each share has lost it. */
    private boolean isLooking;

    /** What was not looked at. */
    private long passed;

    private boolean wasLooking;
    private long passedBefore;

    TailEncoder(Tail tail, RowEncoder rows) {
        this.tail = tail;
        this.rows = rows;
    }

    @Override
    public void begin(Delivery delivery) {
        if (shares.isEmpty()) {
            for (TailListener listener : tail.listeners()) {
                shares.add(new TailShare(listener));
            }
            isLooking = anyLooks();
            passed = 0;
        }
        context.origin(delivery.origin());
        rows.begin(delivery);
    }

    @Override
    public void beginFrame() {
        wasLooking = isLooking;
        passedBefore = passed;
        if (isLooking) {
            shares.forEach(TailShare::beginFrame);
        }
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
        if (isLooking) {
            show(event);
        } else {
            passed++;
        }
        rows.event(event);
    }

    private void show(LogEvent event) {
        byte @Nullable [] json = null;
        for (int i = 0; i < shares.size(); i++) {
            TailShare share = shares.get(i);
            if (share.wants(event, context)) {
                json = json == null ? EventJson.of(event, context.origin()) : json;
                share.take(json);
            }
        }
        isLooking = anyLooks();
    }

    private boolean anyLooks() {
        for (int i = 0; i < shares.size(); i++) {
            if (shares.get(i).looks()) {
                return true;
            }
        }
        return false;
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
        if (wasLooking) {
            shares.forEach(TailShare::takeBack);
        }
        isLooking = wasLooking;
        passed = passedBefore;
        rows.takeBack();
    }

    @Override
    public void discard() {
        shares.clear();
        rows.discard();
    }

    @Override
    public Rows seal() {
        shares.forEach(share -> share.tell(passed));
        shares.clear();
        return rows.seal();
    }
}
