package dev.sluice.process;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.event.ArrayPool;
import dev.sluice.event.Delivery;
import dev.sluice.event.EventSink;
import dev.sluice.event.FrameBatch;
import dev.sluice.event.FrameLength;
import dev.sluice.event.LogEvent;
import dev.sluice.event.Origin;
import dev.sluice.event.Protocol;
import dev.sluice.event.RejectReason;
import dev.sluice.event.RowEncoder;
import dev.sluice.event.RowGrowth;
import dev.sluice.event.Rows;
import dev.sluice.event.RuleSet;
import dev.sluice.store.copy.CopyRowEncoder;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class FrameBatchProcessorTest {

    private static final Origin ORIGIN = Origin.of("main", "10.0.0.1", Protocol.SYSLOG);

    private final RowEncoder encoder = new CopyRowEncoder(ArrayPool.none());
    private final FrameBatchProcessor processor =
            new FrameBatchProcessor(protocol -> FrameBatchProcessorTest::decode, () -> encoder, (rows, nanos) -> {});

    /** Each frame is two events; the second fails when its text says so. */
    private static void decode(byte[] bytes, int from, int to, LogEvent event, EventSink sink) {
        String text = new String(bytes, from, to - from, US_ASCII);
        event.message().set(bytes, from, to - from);
        sink.event(event);
        switch (text) {
            case "bug" -> throw new IllegalStateException("a bug");
            case "memory" -> throw new OutOfMemoryError("as if");
            default -> sink.event(event);
        }
    }

    @Test
    void aFrameBatchThatFailedLeavesNothingToTheNext() {
        assertThatThrownBy(() -> processor.process(frameBatch("good", "memory")))
                .isInstanceOf(OutOfMemoryError.class);
        FrameBatch next = frameBatch("next");
        Rows rows = processor.process(next);
        assertThat(rows.events()).isEqualTo(2);
        assertThat(rows.parts()).extracting(Rows.Part::delivery).isEqualTo(next.deliveries());
    }

    @Test
    void aFrameWhoseDecoderFailsIsADeadLetterAndNothingElse() {
        Rows rows = processor.process(frameBatch("good", "bug", "good"));
        assertThat(rows.events()).isEqualTo(4);
        assertThat(rows.rejected()).isEqualTo(Map.of(RejectReason.DECODER_FAILED, 1));
    }

    @Test
    void refusedFramesBelongToTheirDeliveries() {
        Delivery one = delivery(0);
        Delivery two = delivery(0);
        Delivery three = delivery(0);
        FrameBatch.Reject ofOne = new FrameBatch.Reject(one, RejectReason.OVERSIZE_FRAME, new byte[1], null);
        FrameBatch.Reject ofThree = new FrameBatch.Reject(three, RejectReason.TRUNCATED_FRAME, new byte[1], null);
        FrameBatch frameBatch = new FrameBatch(
                new byte[0], List.of(one, two, three), List.of(ofOne, ofOne, ofThree), Integer.MAX_VALUE, RuleSet.NONE);
        Rows rows = processor.process(frameBatch);
        assertThat(rows.parts()).extracting(Rows.Part::deadLetters).containsExactly(2, 0, 1);
    }

    /** Those of the frame batch count for all of it, also when others come into force in the middle of it. */
    @Test
    void aFrameBatchGoesThroughItsOwnRules() {
        List<String> seen = new ArrayList<>();
        RuleSet one = rules("one", seen);
        RuleSet two = rules("two", seen);
        processor.process(frameBatch(one, "a", "b"));
        processor.process(frameBatch(two, "c"));
        processor.process(frameBatch(two, "d"));
        processor.process(frameBatch(RuleSet.NONE, "e"));
        assertThat(seen)
                .containsExactly("made one", "one", "one", "one", "one", "made two", "two", "two", "two", "two");
    }

    /** What waited with the old rules and what came later leave in turns. */
    @Test
    void rulesThatTakeTurnsAreMadeOnce() {
        List<String> seen = new ArrayList<>();
        RuleSet one = rules("one", seen);
        RuleSet two = rules("two", seen);
        for (int i = 0; i < 3; i++) {
            processor.process(frameBatch(one, "a"));
            processor.process(frameBatch(two, "b"));
        }
        assertThat(seen).filteredOn(what -> what.startsWith("made")).containsExactly("made one", "made two");
    }

    @Test
    void rulesThatWereFollowedByOthersAreLetGo() {
        List<String> seen = new ArrayList<>();
        WeakReference<RuleSet> old = new WeakReference<>(rules("old", seen));
        processor.process(frameBatch(Objects.requireNonNull(old.get()), "a"));
        RuleSet next = rules("new", seen);
        for (int i = 0; i <= FrameBatchProcessor.KEPT_BATCHES; i++) {
            processor.process(frameBatch(next, "b"));
        }
        for (int i = 0; i < 1000 && old.get() != null; i++) {
            System.gc();
        }
        assertThat(old.get()).isNull();
    }

    private static RuleSet rules(String name, List<String> seen) {
        return new RuleSet() {
            @Override
            public RowGrowth growth() {
                return RowGrowth.NONE;
            }

            @Override
            public RowEncoder before(RowEncoder encoder) {
                seen.add("made " + name);
                return new Noting(name, seen, encoder);
            }
        };
    }

    /** Notes which rules an event met. */
    private record Noting(String name, List<String> seen, RowEncoder encoder) implements RowEncoder {

        @Override
        public void begin(Delivery delivery) {
            encoder.begin(delivery);
        }

        @Override
        public void event(LogEvent event) {
            seen.add(name);
            encoder.event(event);
        }

        @Override
        public void reject(RejectReason reason, String detail, byte[] bytes, int from, int to) {
            encoder.reject(reason, detail, bytes, from, to);
        }

        @Override
        public Rows seal() {
            return encoder.seal();
        }
    }

    private static Delivery delivery(int frames) {
        return new Delivery(ORIGIN, 1, 1, frames, () -> {});
    }

    private static FrameBatch frameBatch(String... frames) {
        return frameBatch(RuleSet.NONE, frames);
    }

    private static FrameBatch frameBatch(RuleSet rules, String... frames) {
        byte[] bytes = new byte[1000];
        int at = 0;
        for (String frame : frames) {
            byte[] payload = frame.getBytes(US_ASCII);
            at = FrameLength.write(bytes, at, payload.length);
            System.arraycopy(payload, 0, bytes, at, payload.length);
            at += payload.length;
        }
        return new FrameBatch(bytes, List.of(delivery(frames.length)), List.of(), Integer.MAX_VALUE, rules);
    }
}
