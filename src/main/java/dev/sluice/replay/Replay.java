package dev.sluice.replay;

import static java.util.Objects.requireNonNullElse;

import dev.sluice.event.RuleSet;
import dev.sluice.protocol.Protocols;
import dev.sluice.store.ReplayStore;
import dev.sluice.store.ReplayedLetter;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
import reactor.core.publisher.Mono;

/** Replays dead letters, one run at a time. Any thread. */
public final class Replay {

    private final ReplayStore store;
    private final Protocols protocols;
    private final Supplier<RuleSet> rules;
    private final ToLongFunction<String> frameBytesMax;
    private final Consumer<List<ReplayedLetter>> onApplied;
    private final AtomicBoolean isRunning = new AtomicBoolean();

    /**
     * Replays into {@code store}.
     *
     * @param rules those in force; a run keeps to the ones that it began with
     * @param frameBytesMax the longest frame of a listener, 0 when there is none of that name
     * @param onApplied told what became of each batch, when that was done
     */
    public Replay(
            ReplayStore store,
            Protocols protocols,
            Supplier<RuleSet> rules,
            ToLongFunction<String> frameBytesMax,
            Consumer<List<ReplayedLetter>> onApplied) {
        this.store = store;
        this.protocols = protocols;
        this.rules = rules;
        this.frameBytesMax = frameBytesMax;
        this.onApplied = onApplied;
    }

    /**
     * Replays what is asked for, or looks what would become of it and changes nothing; emits a report.
     *
     * @param isEnough asked between batches whether it is to end there
     * @return fails with {@link ReplayException} when it was broken off, and with {@link RunningException} when another
     *     run is on
     */
    public Mono<ReplayReport> run(ReplayRequest request, boolean apply, BooleanSupplier isEnough) {
        return Mono.defer(() -> {
            if (!isRunning.compareAndSet(false, true)) {
                return Mono.error(new RunningException());
            }
            ReplayReport.Counting counting = new ReplayReport.Counting(apply, request.examples());
            PayloadDecoder decoder = new PayloadDecoder(protocols, rules.get(), frameBytesMax);
            return store.run(request.filter(), decoder, apply, request.examples(), isEnough)
                    .doOnNext(batch -> {
                        counting.add(batch);
                        if (apply) {
                            onApplied.accept(batch);
                        }
                    })
                    .then(Mono.fromCallable(counting::report))
                    .onErrorMap(error -> new ReplayException(
                            counting.report(), requireNonNullElse(error.getMessage(), error.toString()), error))
                    .flatMap(report -> store.close().thenReturn(report))
                    .doFinally(signal -> isRunning.set(false));
        });
    }

    /** Another run is on. */
    public static final class RunningException extends RuntimeException {

        private static final long serialVersionUID = 1L;

        RunningException() {
            super("A replay is running already.", null, false, false);
        }
    }
}
