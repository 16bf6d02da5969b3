package dev.sluice.protocol;

import dev.sluice.event.ArrayPool;
import dev.sluice.event.Delivery;
import dev.sluice.event.Framer;
import dev.sluice.event.Framer.Found;
import dev.sluice.event.LogEvent;
import dev.sluice.event.Origin;
import dev.sluice.event.Protocol;
import dev.sluice.store.copy.CopyRowEncoder;
import java.time.ZoneOffset;
import java.util.function.BiConsumer;
import java.util.function.Function;

/**
 * The way of a stream from its bytes to rows, for a test that counts the steps of all this; it has only the types of
 * the JDK. The second parameter is how many bytes a read takes.
 */
final class CountedProtocols implements Function<String, BiConsumer<byte[], Integer>> {

    private static final int FRAME_BYTES_MAX = 256 * 1024;

    private final Protocols protocols = new Protocols(ZoneOffset.UTC, 64);
    private final Framer.Frame frame = new Framer.Frame();
    private final LogEvent event = new LogEvent();
    private final CopyRowEncoder rows = new CopyRowEncoder(ArrayPool.none());

    @Override
    public BiConsumer<byte[], Integer> apply(String protocol) {
        Origin origin = Origin.of("main", "127.0.0.1", Protocol.valueOf(protocol));
        return (stream, read) -> {
            rows.begin(new Delivery(origin, 0, 0, 1, Delivery.NO_ACK));
            run(protocols.framer(origin.protocol(), FRAME_BYTES_MAX), origin.protocol(), stream, read);
            rows.seal();
        };
    }

    private void run(Framer framer, Protocol protocol, byte[] stream, int read) {
        int at = 0;
        for (int to = Math.min(read, stream.length); at < stream.length; to = Math.min(to + read, stream.length)) {
            boolean last = to == stream.length;
            Found found = Found.SKIPPED;
            while (at < to && found != Found.INCOMPLETE) {
                found = last ? framer.last(stream, at, to, frame) : framer.next(stream, at, to, frame);
                switch (found) {
                    case INCOMPLETE -> {
                        // the next read
                    }
                    case NO_ROOM -> frame.grant();
                    case MALFORMED, GOODBYE, REFUSED -> {
                        return;
                    }
                    default -> at = take(protocol, stream, found);
                }
            }
        }
    }

    private int take(Protocol protocol, byte[] stream, Found found) {
        if (found == Found.FRAME) {
            event.reset(0);
            rows.beginFrame();
            byte[] bytes = frame.arrayOr(stream);
            protocols.decoder(protocol).decode(bytes, frame.from(), frame.to(), event, rows);
        }
        frame.takeReply();
        return frame.next();
    }
}
