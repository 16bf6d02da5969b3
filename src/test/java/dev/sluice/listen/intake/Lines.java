package dev.sluice.listen.intake;

import dev.sluice.event.Framer;
import dev.sluice.event.Protocol;
import dev.sluice.event.ProtocolDetector;
import dev.sluice.event.RejectReason;

/** Frames that end with a line feed; empty ones are skipped, those that begin with an exclamation mark refused. */
public final class Lines implements Framing {

    /** What tests of this package speak. */
    public static final Framing FRAMING = new Lines();

    @Override
    public ProtocolDetector detector() {
        return (bytes, from, to, last) -> from == to ? null : bytes[from] == '{' ? Protocol.JSON : Protocol.SYSLOG;
    }

    @Override
    public Framer framer(Protocol protocol) {
        return new Framer() {
            @Override
            public Found next(byte[] bytes, int from, int to, Frame frame) {
                for (int i = from; i < to; i++) {
                    if (bytes[i] == '\n') {
                        frame.set(from, i, i + 1);
                        return found(bytes, from, i, frame);
                    }
                }
                return Found.INCOMPLETE;
            }

            @Override
            public Found last(byte[] bytes, int from, int to, Frame frame) {
                Found found = next(bytes, from, to, frame);
                if (found == Found.INCOMPLETE) {
                    frame.set(from, to, to);
                    return Found.FRAME;
                }
                return found;
            }
        };
    }

    private static Framer.Found found(byte[] bytes, int from, int to, Framer.Frame frame) {
        if (from == to) {
            return Framer.Found.SKIPPED;
        }
        if (bytes[from] == '!') {
            frame.reason(RejectReason.OVERSIZE_FRAME);
            return Framer.Found.REJECTED;
        }
        return Framer.Found.FRAME;
    }
}
