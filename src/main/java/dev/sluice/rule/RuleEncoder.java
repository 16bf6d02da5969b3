package dev.sluice.rule;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.sluice.event.Delivery;
import dev.sluice.event.FrameBatch;
import dev.sluice.event.LogEvent;
import dev.sluice.event.RejectReason;
import dev.sluice.event.RowEncoder;
import dev.sluice.event.Rows;
import dev.sluice.rule.field.EventJson;
import dev.sluice.rule.field.RuleContext;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/**
 * Lets the rules see each event on its way to the encoder. An event that no rule matches passes untouched. One instance
 * a worker; not thread-safe.
 */
public final class RuleEncoder implements RowEncoder {

    /** Reading the clock costs as much as a simple rule, so only some events are timed, each for that many. */
    static final int TIMED_EVERY = 16;

    private static final byte[] SAMPLE_SHARE = "sluice.sample_share".getBytes(US_ASCII);

    private final Rule[] rules;
    private final Redaction redaction;
    private final RowEncoder encoder;
    private final RuleObserver observer;
    private final RuleContext context = new RuleContext();
    private final BitSet fired = new BitSet();
    private final long[] filtered;
    private final long[] filteredBefore;
    private final long[] nanos;
    private int events;

    /** The rule whose turn it is. */
    private int current;

    RuleEncoder(List<Rule> rules, RowEncoder encoder, RuleObserver observer) {
        this.rules = rules.toArray(Rule[]::new);
        redaction = Redaction.of(rules);
        this.encoder = encoder;
        this.observer = observer;
        filtered = new long[this.rules.length];
        filteredBefore = new long[this.rules.length];
        nanos = new long[this.rules.length];
    }

    @Override
    public void begin(Delivery delivery) {
        context.origin(delivery.origin());
        encoder.begin(delivery);
    }

    @Override
    public void beginFrame() {
        System.arraycopy(filtered, 0, filteredBefore, 0, filtered.length);
        encoder.beginFrame();
    }

    @Override
    public void identity(byte[] identity) {
        encoder.identity(identity);
    }

    @Override
    public long bytes() {
        return encoder.bytes();
    }

    @Override
    public void takeBack() {
        System.arraycopy(filteredBefore, 0, filtered, 0, filtered.length);
        encoder.takeBack();
    }

    @Override
    public void event(LogEvent event) {
        context.start(event);
        fired.clear();
        boolean kept;
        try {
            kept = events++ % TIMED_EVERY == 0 ? runTimed(event) : run(event);
        } catch (RuntimeException mistake) {
            failed(event, mistake);
            return;
        }
        if (kept) {
            pass(event);
        } else {
            encoder.filtered();
        }
    }

    private boolean run(LogEvent event) {
        for (int i = 0; i < rules.length; i++) {
            if (!apply(i, event)) {
                return false;
            }
        }
        return true;
    }

    private boolean runTimed(LogEvent event) {
        long start = System.nanoTime();
        for (int i = 0; i < rules.length; i++) {
            boolean kept = apply(i, event);
            long end = System.nanoTime();
            nanos[i] += (end - start) * TIMED_EVERY;
            start = end;
            if (!kept) {
                return false;
            }
        }
        return true;
    }

    private boolean apply(int i, LogEvent event) {
        current = i;
        Rule rule = rules[i];
        if (!rule.condition().matches(event, context)) {
            return true;
        }
        fired.set(i);
        boolean kept = rule.action().apply(event, context);
        if (!kept) {
            filtered[i]++;
        }
        return kept;
    }

    private void pass(LogEvent event) {
        if (context.share() < 1) {
            byte[] share = Double.toString(context.share()).getBytes(US_ASCII);
            event.attributes().key(SAMPLE_SHARE).raw(share, 0, share.length);
        }
        String rule = context.routedBy();
        if (rule == null) {
            encoder.event(event);
        } else {
            byte[] payload = EventJson.of(event, context.origin());
            encoder.reject(RejectReason.ROUTED, "The rule " + rule + " sent it here.", payload, 0, payload.length);
        }
    }

    /** A mistake of ours. The event is half changed: what it holds may be what should have been redacted. */
    private void failed(LogEvent event, RuntimeException mistake) {
        String detail = "The rule " + rules[current].name() + " failed: "
                + mistake.getClass().getName();
        byte[] payload = redaction.isEmpty() ? EventJson.of(event, context.origin()) : new byte[0];
        encoder.reject(RejectReason.RULE_FAILED, detail, payload, 0, payload.length);
    }

    @Override
    public void reject(RejectReason reason, String detail, byte[] bytes, int from, int to) {
        fired.clear();
        if (redaction.isEmpty()) {
            encoder.reject(reason, detail, bytes, from, to);
        } else {
            byte[] payload = redaction.payload(bytes, from, to);
            encoder.reject(reason, detail, payload, 0, payload.length);
        }
    }

    @Override
    public void reject(FrameBatch.Reject refused) {
        fired.clear();
        byte[] payload = refused.payload();
        encoder.reject(
                redaction.isEmpty()
                        ? refused
                        : new FrameBatch.Reject(
                                refused.delivery(),
                                refused.reason(),
                                redaction.payload(payload, 0, payload.length),
                                refused.piece()));
    }

    @Override
    public void discard() {
        Arrays.fill(filtered, 0);
        Arrays.fill(nanos, 0);
        encoder.discard();
    }

    @Override
    public Rows seal() {
        for (int i = 0; i < rules.length; i++) {
            if (filtered[i] != 0 || nanos[i] != 0) {
                observer.applied(rules[i].name(), filtered[i], nanos[i]);
                filtered[i] = 0;
                nanos[i] = 0;
            }
            long cutShort = rules[i].action().takeTextsCutShort();
            if (cutShort > 0) {
                observer.cutShort(rules[i].name(), cutShort);
            }
        }
        return encoder.seal();
    }

    /** The rules that matched the last event, in order. */
    public List<String> fired() {
        return fired.stream().mapToObj(i -> rules[i].name()).toList();
    }
}
