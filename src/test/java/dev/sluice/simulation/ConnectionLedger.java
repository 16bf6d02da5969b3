package dev.sluice.simulation;

import dev.sluice.event.Origin;
import dev.sluice.event.Protocol;
import dev.sluice.listen.report.ListenObserver;

/** What the listener reports of one connection, on its way to the real meters. */
final class ConnectionLedger implements ListenObserver {

    private final ListenObserver meters;
    private final VirtualTime time;
    private final Totals totals;

    int opened;
    int closed;
    int paused;
    CloseReason reason;
    Refusal refusal;

    /** Of all connections of a world. */
    static final class Totals {
        int opened;
        int closed;
    }

    ConnectionLedger(ListenObserver meters, VirtualTime time, Totals totals) {
        this.meters = meters;
        this.time = time;
        this.totals = totals;
    }

    @Override
    public void opened(String listener) {
        opened++;
        totals.opened++;
        meters.opened(listener);
    }

    @Override
    public void closed(String listener, CloseReason why) {
        closed++;
        totals.closed++;
        reason = why;
        time.count(why);
        meters.closed(listener, why);
        if (why == CloseReason.INTERNAL_ERROR) {
            time.fail("a connection failed by a bug");
        }
    }

    @Override
    public void read(Origin origin, int bytes, int completed, long busyNanos) {
        meters.read(origin, bytes, completed, busyNanos);
    }

    @Override
    public Pause throttled(Origin origin, Wait why) {
        paused++;
        return () -> paused--;
    }

    @Override
    public void refused(String listener, Refusal reason) {
        closed++;
        totals.closed++;
        refusal = reason;
        time.count(reason);
        meters.refused(listener, reason);
    }

    @Override
    public void acceptFailed(String listener) {
        time.fail("nothing is accepted here");
    }

    @Override
    public void left(String source, long bytes) {
        meters.left(source, bytes);
    }

    @Override
    public void discarded(Origin origin, Discard why, int bytes) {
        meters.discarded(origin, why, bytes);
    }

    @Override
    public void wentOn(Origin origin, int lines) {
        meters.wentOn(origin, lines);
    }

    @Override
    public void acknowledged(Protocol protocol, int acks) {
        meters.acknowledged(protocol, acks);
    }
}
