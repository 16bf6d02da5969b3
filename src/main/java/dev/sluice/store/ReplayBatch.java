package dev.sluice.store;

import dev.sluice.store.ReplayStatements.Cursor;
import dev.sluice.store.batch.WriteUnit;
import dev.sluice.store.copy.Span;
import dev.sluice.store.database.TableHome;
import dev.sluice.store.failure.TransactionPhase;
import dev.sluice.store.failure.WriteFailure;
import dev.sluice.store.schema.PartitionCatalog;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * One transaction of a replay: locks some dead letters, decodes them, stores the rows and removes the dead letters, or
 * none of it. On one event loop only.
 */
final class ReplayBatch {

    /** What is decoded in one transaction; a single payload may be larger. */
    static final long BYTES_MAX = 256 << 10;

    static final int LETTERS_MAX = 500;

    /** No more is decoded when the rows have so many bytes; the last payload of them may become more. */
    static final long ROW_BYTES_MAX = 2 << 20;

    /** A payload as it comes, in pieces, as a whole and as a frame. */
    private static final int READ_BYTES_PER_BYTE = 5;

    /** What is the same for all batches of a run. */
    record Work(
            DeadLetterFilter filter, ReplayDecoder decoder, TableHome tables, ReplayMemory memory, Scheduler loop) {}

    private final UUID id;
    private final Work work;
    private final long most;
    private final List<ReplayTry> tries = new ArrayList<>();
    private final ReplayRoom room;
    private long rowBytes;
    private Cursor cursor;
    private @Nullable TransactionPhase phase;

    /** A batch of what stands after {@code cursor}, {@code most} dead letters of it. */
    ReplayBatch(UUID id, Work work, Cursor cursor, long most) {
        this.id = id;
        this.work = work;
        this.cursor = cursor;
        this.most = Math.min(most, LETTERS_MAX);
        room = new ReplayRoom(work.memory, work.loop);
    }

    /** Where the next one begins. */
    Cursor cursor() {
        return cursor;
    }

    /** How far the transaction came, or null. */
    @Nullable
    TransactionPhase phase() {
        return phase;
    }

    /** Its memory is for others; it holds nothing any more. */
    void end() {
        room.keep(0);
    }

    WriteUnit unit() {
        return new WriteUnit(id, List.of(), List.of());
    }

    /** What became of them, the first so many with what is stored; none when there are no more. */
    List<ReplayedLetter> told(long examples) {
        List<ReplayedLetter> told = new ArrayList<>();
        for (ReplayTry each : tries) {
            told.add(each.told(told.size() < examples));
        }
        return told;
    }

    /** Looks what would become of them, in a transaction that can change nothing. */
    Mono<Void> look(LaneConnection open) {
        ReplayStatements statements = new ReplayStatements(open, work.tables);
        return statements.beginReading().then(read(statements, false)).then(Mono.defer(open::rollback));
    }

    /** Does it, and commits. */
    Mono<Void> replay(LaneConnection open) {
        ReplayStatements statements = new ReplayStatements(open, work.tables);
        return in(TransactionPhase.BEGIN, open.begin(unit()))
                .then(in(TransactionPhase.COPY, open.checkAtOnce()))
                .then(read(statements, true))
                .then(Mono.defer(() -> tries.isEmpty() ? open.rollback() : write(open, statements)));
    }

    private Mono<Void> write(LaneConnection open, ReplayStatements statements) {
        return copy(open, tries.stream().filter(ReplayTry::hasRows).toList())
                .then(Mono.defer(() -> remove(statements)))
                .then(Mono.defer(() -> {
                    int events = tries.stream()
                            .mapToInt(each -> Span.rows(each.events()))
                            .sum();
                    return statements.events(id, events).then(events == 0 ? Mono.empty() : open.check());
                }))
                .then(in(TransactionPhase.COMMIT, open.commit()));
    }

    private Mono<Void> in(TransactionPhase next, Mono<Void> statement) {
        return Mono.defer(() -> {
            phase = next;
            return statement;
        });
    }

    private Mono<Void> read(ReplayStatements statements, boolean locking) {
        return statements
                .settings()
                .then(statements.next(work.filter, cursor, most, locking))
                .flatMap(keys -> joined(statements, keys))
                .map(this::fitting)
                .flatMap(keys -> keys.isEmpty()
                        ? Mono.empty()
                        : statements.partitions().flatMap(days -> decode(statements, keys, days)));
    }

    private static Mono<List<LetterKey>> joined(ReplayStatements statements, List<LetterKey> keys) {
        List<UUID> frames = keys.stream()
                .map(LetterKey::frame)
                .filter(frame -> frame != null)
                .distinct()
                .toList();
        return statements
                .pieces(frames)
                .collect(Collectors.toMap(LetterKey.Pieces::frame, Function.identity()))
                .map(pieces -> keys.stream().map(key -> with(key, pieces)).toList());
    }

    private static LetterKey with(LetterKey key, Map<UUID, LetterKey.Pieces> all) {
        LetterKey.Pieces pieces = key.frame() == null ? null : all.get(key.frame());
        return pieces == null ? key : key.with(pieces);
    }

    /** Those that one transaction may hold; the others come next. */
    private List<LetterKey> fitting(List<LetterKey> keys) {
        List<LetterKey> fitting = new ArrayList<>();
        long bytes = 0;
        for (LetterKey key : keys) {
            long own = mayBeRead(key) == null ? key.bytes() : 0;
            if (bytes + own > BYTES_MAX && !fitting.isEmpty()) {
                break;
            }
            bytes += own;
            fitting.add(key);
        }
        return fitting;
    }

    /** Why it stays without being read, or null. */
    private @Nullable ReplayOutcome mayBeRead(LetterKey key) {
        if (!key.whole() || !key.isReadable()) {
            return ReplayOutcome.INCOMPLETE;
        }
        boolean isTooLong = key.frame() != null && key.bytes() > work.decoder.frameBytesMax(key.listener());
        return isTooLong || !room.mayHold(READ_BYTES_PER_BYTE * key.bytes()) ? ReplayOutcome.TOO_LONG : null;
    }

    private Mono<Void> decode(ReplayStatements statements, List<LetterKey> keys, PartitionCatalog days) {
        return Flux.fromIterable(keys)
                .concatMap(key -> rowBytes < ROW_BYTES_MAX ? tried(statements, key, days) : Mono.empty(), 1)
                .then();
    }

    private Mono<Void> tried(ReplayStatements statements, LetterKey key, PartitionCatalog days) {
        ReplayOutcome why = mayBeRead(key);
        if (why != null) {
            add(ReplayTry.staying(key, why));
            return Mono.empty();
        }
        long reading = held() + READ_BYTES_PER_BYTE * key.bytes();
        return room.hold(reading)
                .then(Mono.defer(() -> statements.payload(key)))
                .flatMap(payload -> decoded(key.letter(payload), key, reading, days));
    }

    private Mono<Void> decoded(DeadLetter letter, LetterKey key, long reading, PartitionCatalog days) {
        long all = reading + work.decoder.bytesMax(letter);
        if (!room.mayHold(all)) {
            add(ReplayTry.staying(key, ReplayOutcome.TOO_LONG));
            return Mono.empty();
        }
        return room.hold(all).then(Mono.fromRunnable(() -> add(decoded(key, letter, days))));
    }

    private ReplayTry decoded(LetterKey key, DeadLetter letter, PartitionCatalog days) {
        ReplayTry tried = ReplayTry.decoded(key, work.decoder.decode(letter));
        if (!tried.events().isEmpty() && !days.takes(key.receivedAt())) {
            tried.noPartition();
        }
        return tried;
    }

    private void add(ReplayTry tried) {
        tries.add(tried);
        cursor = cursor.after(tried.key());
        rowBytes += tried.rowBytes();
        room.keep(held());
    }

    /** Rows, and the messages of COPY that they are joined to. */
    private long held() {
        return 2 * rowBytes;
    }

    /** Copies their rows; one that is refused is found by halves, and stays. */
    private static Mono<Void> copy(LaneConnection open, List<ReplayTry> some) {
        if (some.isEmpty()) {
            return Mono.empty();
        }
        List<Span> events =
                some.stream().flatMap(each -> each.events().stream()).toList();
        List<Span> deadLetters =
                some.stream().flatMap(each -> each.deadLetters().stream()).toList();
        return Mono.defer(() -> {
                    Suppressed before = open.suppressed();
                    return open.savepoint()
                            .then(open.copyEvents(events))
                            .then(open.copyDeadLetters(deadLetters))
                            .then(Mono.defer(() -> open.suppressed().equals(before)
                                    ? open.releaseSavepoint()
                                    : Mono.error(new RowsSuppressedException())));
                })
                .onErrorResume(error -> refused(open, some, error));
    }

    private static Mono<Void> refused(LaneConnection open, List<ReplayTry> some, Throwable error) {
        WriteFailure failure = error instanceof RowsSuppressedException
                ? new WriteFailure.BadData(WriteFailure.Cause.of(RowsSuppressedException.MESSAGE), false)
                : WriteFailure.of(error, TransactionPhase.COPY);
        if (!(failure instanceof WriteFailure.BadData) && !(failure instanceof WriteFailure.MissingPartition)) {
            return Mono.error(error);
        }
        Mono<Void> undone = open.rollbackToSavepoint().then(Mono.defer(open::releaseSavepoint));
        if (some.size() == 1) {
            return undone.doOnSuccess(done -> some.getFirst().refused(failure));
        }
        int half = some.size() / 2;
        return undone.then(Mono.defer(() -> copy(open, some.subList(0, half))))
                .then(Mono.defer(() -> copy(open, some.subList(half, some.size()))));
    }

    private Mono<Void> remove(ReplayStatements statements) {
        List<LetterKey> gone = tries.stream()
                .filter(each -> each.outcome().isGone())
                .map(ReplayTry::key)
                .toList();
        long rows = gone.stream().mapToLong(LetterKey::rows).sum();
        return statements
                .delete(gone)
                .flatMap(deleted -> deleted == rows
                        ? Mono.empty()
                        : Mono.<Void>error(new IllegalStateException(
                                "of " + rows + " rows of dead_letter " + deleted + " were there to be removed")))
                .thenMany(Flux.fromIterable(tries).filter(each -> each.outcome() == ReplayOutcome.DEAD_AGAIN))
                .concatMap(
                        each -> statements.keep(each.key(), orEmpty(each.newReason()), orEmpty(each.detail()), cursor),
                        1)
                .then();
    }

    private static String orEmpty(@Nullable String text) {
        return text == null ? "" : text;
    }

    /** A trigger of the database's owner kept nothing of rows and said nothing: their dead letters stay. */
    private static final class RowsSuppressedException extends RuntimeException {

        private static final long serialVersionUID = 1L;
        private static final String MESSAGE = "A trigger of the database keeps nothing of it.";

        RowsSuppressedException() {
            super(MESSAGE, null, false, false);
        }
    }
}
