package dev.sluice.store.failure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.r2dbc.postgresql.api.ErrorDetails;
import io.r2dbc.postgresql.api.PostgresqlException;
import io.r2dbc.postgresql.message.backend.Field;
import io.r2dbc.spi.R2dbcException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.Exceptions;

public class WriteFailureTest {

    private static final Field RAISE = new Field(Field.FieldType.ROUTINE, "exec_stmt_raise");

    @ParameterizedTest
    @CsvSource({
        "08006, reconnect",
        "08003, reconnect",
        "08P01, reconnect",
        "57P01, reconnect",
        "25P03, reconnect",
        "25P04, reconnect",
        "57P02, reconnect",
        "57P03, reconnect",
        "57P05, reconnect",
        "25006, reconnect",
        "40001, retry",
        "40P01, retry",
        "55P03, retry",
        "57014, retry",
        "53000, retry",
        "53100, retry",
        "53200, retry",
        "53300, retry",
        "22001, halted",
        "22021, halted",
        "22P02, halted",
        "22P05, halted",
        "23502, halted",
        "23503, halted",
        "23505, halted",
        "23P01, halted",
        "44000, halted",
        "54000, halted",
        "P0001, halted",
        "42P01, halted",
        "42501, halted",
        "42601, halted",
        "42703, halted",
        "28000, halted",
        "28P01, halted",
        "3D000, halted",
        "3F000, halted",
        "XX000, unknown",
        "XX001, retry",
        "XX002, retry",
        "58030, retry",
        "25P02, unknown",
        "0A000, halted",
        "'', unknown",
        "5, unknown"
    })
    void sqlStateDecides(String state, String label) {
        WriteFailure failure = WriteFailure.of(failed("ERROR", state));
        assertThat(failure.label()).isEqualTo(label);
        assertThat(failure.message()).isEqualTo("text [" + state + "]");
    }

    @Test
    void whatTheLedgerHasIsCommittedAndNoErrorOfTheServersSaysSo() {
        for (TransactionPhase phase : TransactionPhase.values()) {
            assertThat(WriteFailure.of(new CommittedBeforeException(), phase))
                    .isInstanceOf(WriteFailure.Committed.class);
        }
        Failed duplicate = failed("ERROR", "23505", new Field(Field.FieldType.TABLE_NAME, "ingest_batch"));
        assertThat(WriteFailure.of(duplicate, TransactionPhase.BEGIN)).isInstanceOf(WriteFailure.Halt.class);
        assertThat(WriteFailure.of(duplicate, TransactionPhase.COPY)).isInstanceOf(WriteFailure.BadData.class);
        assertThat(WriteFailure.of(duplicate, null)).isInstanceOf(WriteFailure.Halt.class);
    }

    @Test
    void aMissingPartitionIsKnownByItsRoutineAndItsTable() {
        Field table = new Field(Field.FieldType.TABLE_NAME, "log_event");
        Field routine = new Field(Field.FieldType.ROUTINE, "ExecFindPartition");
        assertThat(WriteFailure.of(failed("ERROR", "23514", table, routine), TransactionPhase.COPY))
                .isInstanceOf(WriteFailure.MissingPartition.class);
        assertThat(WriteFailure.of(failed("ERROR", "23514", table), TransactionPhase.COPY))
                .isInstanceOf(WriteFailure.BadData.class);
        assertThat(WriteFailure.of(
                        failed("ERROR", "23514", routine, new Field(Field.FieldType.TABLE_NAME, "other")),
                        TransactionPhase.COPY))
                .isInstanceOf(WriteFailure.BadData.class);
    }

    /** All codes of PostgreSQL, in each phase: a trigger may raise any of them, so none of them decides alone. */
    @ParameterizedTest
    @MethodSource("codes")
    void thePhaseDecidesForEveryCode(String code) {
        for (TransactionPhase phase : List.of(TransactionPhase.COPY, TransactionPhase.COMMIT)) {
            assertThat(WriteFailure.of(failed("ERROR", code, RAISE), phase))
                    .isInstanceOfSatisfying(WriteFailure.BadData.class, refusal -> {
                        assertThat(refusal.cause().answered()).isTrue();
                        assertThat(refusal.withoutRows()).isNotInstanceOf(WriteFailure.BadData.class);
                        assertThat(refusal.ofEveryRow().message()).contains("log_event", code);
                    });
        }
        assertThat(WriteFailure.of(failed("ERROR", code), TransactionPhase.BEGIN))
                .isEqualTo(WriteFailure.of(failed("ERROR", code), null))
                .isNotInstanceOfAny(
                        WriteFailure.BadData.class, WriteFailure.Committed.class, WriteFailure.MissingPartition.class);
        assertThat(WriteFailure.of(failed("FATAL", code), TransactionPhase.COMMIT))
                .as("the outcome is unknown")
                .isNotInstanceOf(WriteFailure.BadData.class);
    }

    /** Its resources, its files and the moment are the server's own, unless a program in the database says it. */
    @ParameterizedTest
    @CsvSource({
        "53100, mdextend, retry",
        "53200, AllocSetAllocLarge, retry",
        "53400, FileWriteV, retry",
        "58030, mdreadv, retry",
        "58P01, internal_load_library, retry",
        "XX001, WaitReadBuffers, retry",
        "XX002, _bt_checkpage, retry",
        "40001, CheckForSerializationConflictOut, retry",
        "40P01, DeadLockReport, retry",
        "55P03, LockAcquireExtended, retry",
        "57014, ProcessInterrupts, retry",
        "53100, pgfdw_report_error, retry",
        "58030, pgfdw_report_error, retry",
        "XX001, pgfdw_report_error, retry",
        "53100, PLy_output, bad_data",
        "XX001, exec_stmt_raise, bad_data",
        "XX002, PLy_output, bad_data",
        "08006, ReportConnectionError, reconnect",
        "08P01, whatever, bad_data",
        "57014, pgfdw_report_error, bad_data",
        "40001, dblink_res_error, bad_data",
        "55000, exec_eval_datum, bad_data",
        "XX000, whatever, bad_data",
    })
    void whatTheServerSaysOfItselfBlamesNoRow(String code, String routine, String label) {
        Failed answer = failed("ERROR", code, new Field(Field.FieldType.ROUTINE, routine));
        for (TransactionPhase phase : List.of(TransactionPhase.COPY, TransactionPhase.COMMIT)) {
            assertThat(WriteFailure.of(answer, phase).label()).isEqualTo(label);
        }
    }

    /** As Citus 13.2 passes on what a worker said to a COPY: under one code, and by its message alone. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "no partition of relation \"log_event_102010\" found for row | missing_partition",
                "no partition of relation \"log_event\" found for row | missing_partition",
                "no partition of relation \"log_event_102010\" found for row, said a shipper | bad_data",
                "no partition of relation \"other_102010\" found for row | bad_data",
                "null value in column \"message\" of relation \"d1_102018\" violates not-null constraint | bad_data",
                "could not extend file \"base/1/2\": No space left on device | retry",
                "terminating connection due to administrator command | retry",
                "the shipper says: out of memory | bad_data",
            })
    void whatAWorkerOfCitusSaidIsKnownByItsText(String message, String label) {
        Field copy = new Field(Field.FieldType.ROUTINE, "ReportCopyError");
        assertThat(WriteFailure.of(said(message, copy), TransactionPhase.COPY).label())
                .isEqualTo(label);
        assertThat(WriteFailure.of(said(message, RAISE), TransactionPhase.COPY).label())
                .as("not by a trigger")
                .isEqualTo("bad_data");
    }

    public static List<String> codes() throws IOException {
        try (var list = WriteFailureTest.class.getResourceAsStream("sqlstates.txt")) {
            return new String(list.readAllBytes(), StandardCharsets.US_ASCII)
                    .lines()
                    .toList();
        }
    }

    /** It stood still within a transaction: that says nothing of its rows. */
    @ParameterizedTest
    @ValueSource(strings = {"25P03", "25P04"})
    void aSessionThatWasIdleForTooLongBlamesNoRow(String code) {
        assertThat(WriteFailure.of(failed("FATAL", code), TransactionPhase.COPY))
                .isInstanceOf(WriteFailure.Reconnect.class);
        assertThat(WriteFailure.of(failed("ERROR", code, RAISE), TransactionPhase.COPY))
                .isInstanceOf(WriteFailure.BadData.class);
    }

    @Test
    void aServerThatStopsHasNotAnsweredButATriggerThatSaysSoHas() {
        assertThat(WriteFailure.of(failed("FATAL", "57P01"), TransactionPhase.COPY))
                .isInstanceOfSatisfying(
                        WriteFailure.Reconnect.class,
                        gone -> assertThat(gone.cause().answered()).isFalse());
        assertThat(WriteFailure.of(failed("ERROR", "57P01", RAISE), TransactionPhase.COPY))
                .isInstanceOf(WriteFailure.BadData.class);
        assertThat(WriteFailure.of(failed("FATAL", "53300"), null).cause().answered())
                .isTrue();
        assertThat(WriteFailure.of(new Failed("08006", List.of()), TransactionPhase.COPY))
                .as("the driver's own")
                .isInstanceOf(WriteFailure.Reconnect.class);
    }

    @Test
    void brokenAndSilentConnectionsAreMadeAnew() {
        assertThat(WriteFailure.of(new IOException("reset")))
                .isEqualTo(new WriteFailure.Reconnect(WriteFailure.Cause.of("reset")));
        assertThat(WriteFailure.of(new TimeoutException()))
                .isEqualTo(new WriteFailure.Reconnect(WriteFailure.Cause.of("TimeoutException")));
    }

    @Test
    void whatNobodyForesawIsTriedAgain() {
        assertThat(WriteFailure.of(new IllegalStateException("odd")))
                .isEqualTo(new WriteFailure.Unknown(WriteFailure.Cause.of("odd")));
        assertThat(WriteFailure.of(Exceptions.failWithOverflow())).isInstanceOf(WriteFailure.Unknown.class);
    }

    @Test
    void fatalErrorsAreRethrown() {
        assertThatThrownBy(() -> WriteFailure.of(new OutOfMemoryError("heap"))).isInstanceOf(OutOfMemoryError.class);
    }

    private static Failed said(String message, Field routine) {
        return new Failed(
                "XX000", message, List.of(routine, new Field(Field.FieldType.SEVERITY_NON_LOCALIZED, "ERROR")));
    }

    private static Failed failed(String severity, String state, Field... fields) {
        List<Field> all = new ArrayList<>(List.of(fields));
        all.add(new Field(Field.FieldType.SEVERITY_NON_LOCALIZED, severity));
        return new Failed(state, all);
    }

    private static final class Failed extends R2dbcException implements PostgresqlException {
        private final transient ErrorDetails details;

        Failed(String state, List<Field> fields) {
            this(state, "text", fields);
        }

        Failed(String state, String message, List<Field> fields) {
            super(message, state);
            List<Field> all = new ArrayList<>(fields);
            all.add(new Field(Field.FieldType.CODE, state));
            all.add(new Field(Field.FieldType.MESSAGE, message));
            details = new ErrorDetails(all);
        }

        @Override
        public ErrorDetails getErrorDetails() {
            return details;
        }
    }
}
