package dev.sluice.store;

import java.time.Duration;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/** What one batch of a replay holds of the memory; nothing is read before there is room. On one event loop only. */
final class ReplayRoom {

    private static final Duration PAUSE = Duration.ofMillis(50);

    /** About ten seconds: the one that asked waits, and so does the transaction. */
    private static final int PAUSES_MAX = 200;

    private final ReplayMemory memory;
    private final Scheduler loop;
    private long held;

    ReplayRoom(ReplayMemory memory, Scheduler loop) {
        this.memory = memory;
        this.loop = loop;
    }

    /** Whether there can ever be room for so much. */
    boolean mayHold(long bytes) {
        return bytes <= memory.limit();
    }

    /** Holds at least so much, as soon as there is room; fails when there is none for long. */
    Mono<Void> hold(long bytes) {
        return Mono.defer(() -> hold(bytes, PAUSES_MAX));
    }

    private Mono<Void> hold(long bytes, int pauses) {
        if (bytes <= held || memory.reserve(bytes - held)) {
            held = Math.max(held, bytes);
            return Mono.empty();
        }
        return pauses == 0
                ? Mono.error(new NoRoomException())
                : Mono.delay(PAUSE, loop).then(Mono.defer(() -> hold(bytes, pauses - 1)));
    }

    /** Gives back all but so much. */
    void keep(long bytes) {
        if (bytes < held) {
            memory.release(held - bytes);
            held = bytes;
        }
    }

    /** What else there is holds all of the memory. */
    static final class NoRoomException extends RuntimeException {

        private static final long serialVersionUID = 1L;

        NoRoomException() {
            super("Events hold the memory; try again when less comes.", null, false, false);
        }
    }
}
