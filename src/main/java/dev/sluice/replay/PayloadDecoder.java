package dev.sluice.replay;

import dev.sluice.event.ArrayPool;
import dev.sluice.event.Delivery;
import dev.sluice.event.FrameBatch;
import dev.sluice.event.FrameLength;
import dev.sluice.event.Origin;
import dev.sluice.event.Protocol;
import dev.sluice.event.RowEncoder;
import dev.sluice.event.Rows;
import dev.sluice.event.RuleSet;
import dev.sluice.process.FrameBatchProcessor;
import dev.sluice.protocol.Protocols;
import dev.sluice.store.DeadLetter;
import dev.sluice.store.ReplayDecoder;
import dev.sluice.store.copy.CopyRowEncoder;
import java.util.List;
import java.util.function.ToLongFunction;

/** Reads dead letters as a worker reads frames, with the same decoders, rules and encoder. Not thread-safe. */
final class PayloadDecoder implements ReplayDecoder {

    private final FrameBatchProcessor frames;
    private final FrameBatchProcessor events;
    private final RuleSet rules;
    private final ToLongFunction<String> frameBytesMax;

    PayloadDecoder(Protocols protocols, RuleSet rules, ToLongFunction<String> frameBytesMax) {
        this.rules = rules;
        this.frameBytesMax = frameBytesMax;
        RowEncoder encoder = new CopyRowEncoder(ArrayPool.none());
        frames = new FrameBatchProcessor(protocols::decoder, () -> encoder, (rows, nanos) -> {});
        events = new FrameBatchProcessor(protocol -> protocols.keptEvents(), () -> encoder, (rows, nanos) -> {});
    }

    @Override
    public long frameBytesMax(String listener) {
        return frameBytesMax.applyAsLong(listener);
    }

    @Override
    public Rows decode(DeadLetter letter) {
        Protocol protocol = letter.protocol().orElse(Protocol.SYSLOG);
        Origin origin = Origin.of(letter.listener(), letter.source(), protocol);
        Delivery delivery = new Delivery(origin, letter.receivedAtMicros(), 0, 1, Delivery.NO_ACK);
        FrameBatchProcessor worker = letter.format() == DeadLetter.Format.EVENT ? events : frames;
        return worker.process(new FrameBatch(frame(letter.payload()), List.of(delivery), List.of(), 0, rules));
    }

    private static byte[] frame(byte[] payload) {
        byte[] frame = new byte[FrameLength.size(payload.length) + payload.length];
        int at = FrameLength.write(frame, 0, payload.length);
        System.arraycopy(payload, 0, frame, at, payload.length);
        return frame;
    }
}
