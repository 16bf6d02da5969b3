package dev.sluice.replay;

import dev.sluice.event.ArrayPool;
import dev.sluice.event.Delivery;
import dev.sluice.event.FrameBatch;
import dev.sluice.event.FrameLength;
import dev.sluice.event.Origin;
import dev.sluice.event.Protocol;
import dev.sluice.event.RejectReason;
import dev.sluice.event.RowEncoder;
import dev.sluice.event.RowGrowth;
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

    /** An event becomes more by its columns. */
    private static final int ROW_BYTES = 1024;

    private final Protocols protocols;
    private final FrameBatchProcessor frames;
    private final FrameBatchProcessor events;
    private final RuleSet rules;
    private final ToLongFunction<String> frameBytesMax;

    PayloadDecoder(Protocols protocols, RuleSet rules, ToLongFunction<String> frameBytesMax) {
        this.protocols = protocols;
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
    public long bytesMax(DeadLetter letter) {
        RowGrowth growth = rules.growth();
        long encoding = growth.encodedPerByte() * (long) letter.payload().length;
        boolean isForward = letter.format() == DeadLetter.Format.FRAME && protocol(letter) == Protocol.FORWARD;
        return ROW_BYTES
                + growth.perEvent()
                + encoding
                + (isForward ? protocols.forwardBytesMax(letter.payload()) : encoding);
    }

    private static Protocol protocol(DeadLetter letter) {
        return letter.protocol().orElse(Protocol.SYSLOG);
    }

    @Override
    public Rows decode(DeadLetter letter) {
        Protocol protocol = protocol(letter);
        Origin origin = Origin.of(letter.listener(), letter.source(), protocol);
        Delivery delivery = new Delivery(origin, letter.receivedAtMicros(), 0, 1, Delivery.NO_ACK);
        FrameBatchProcessor worker = letter.format() == DeadLetter.Format.EVENT ? events : frames;
        byte[] frame = frame(letter.payload(), length(letter, protocol));
        return worker.process(new FrameBatch(frame, List.of(delivery), List.of(), 0, rules));
    }

    private static byte[] frame(byte[] payload, int length) {
        byte[] frame = new byte[FrameLength.size(length) + length];
        int at = FrameLength.write(frame, 0, length);
        System.arraycopy(payload, 0, frame, at, length);
        return frame;
    }

    /** Of a line that was too long, all but its LF was kept when it came in pieces: so a CR is not of its text. */
    private static int length(DeadLetter letter, Protocol protocol) {
        int length = letter.payload().length;
        boolean isLine = protocol == Protocol.SYSLOG
                && letter.format() == DeadLetter.Format.FRAME
                && RejectReason.OVERSIZE_FRAME.label().equals(letter.reason());
        return isLine && length > 0 && letter.payload()[length - 1] == '\r' ? length - 1 : length;
    }
}
