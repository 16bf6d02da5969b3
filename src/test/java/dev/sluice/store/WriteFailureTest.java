package dev.sluice.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.r2dbc.postgresql.api.ErrorDetails;
import io.r2dbc.postgresql.api.PostgresqlException;
import io.r2dbc.postgresql.message.backend.Field;
import io.r2dbc.spi.R2dbcException;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import reactor.core.Exceptions;

class WriteFailureTest {

    @ParameterizedTest
    @CsvSource({
        "08006, reconnect",
        "08003, reconnect",
        "08P01, reconnect",
        "57P01, reconnect",
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
        "22001, bad_data",
        "22021, bad_data",
        "22P02, bad_data",
        "22P05, bad_data",
        "23502, bad_data",
        "23503, bad_data",
        "23505, bad_data",
        "23P01, bad_data",
        "44000, bad_data",
        "54000, bad_data",
        "P0001, bad_data",
        "42P01, halted",
        "42501, halted",
        "42601, halted",
        "42703, halted",
        "28000, halted",
        "28P01, halted",
        "3D000, halted",
        "3F000, halted",
        "XX000, unknown",
        "58030, unknown",
        "25P02, unknown",
        "0A000, unknown",
        "'', unknown",
        "5, unknown"
    })
    void sqlStateDecides(String state, String label) {
        WriteFailure failure = WriteFailure.of(new Failed(state, new Field(Field.FieldType.MESSAGE, "text")));
        assertThat(failure.label()).isEqualTo(label);
        assertThat(failure.message()).isEqualTo("text [" + state + "]");
    }

    @Test
    void duplicateInTheLedgerMeansCommitted() {
        assertThat(WriteFailure.of(new Failed("23505", new Field(Field.FieldType.TABLE_NAME, "ingest_batch"))))
                .isInstanceOf(WriteFailure.Committed.class);
        assertThat(WriteFailure.of(new Failed("23505", new Field(Field.FieldType.TABLE_NAME, "log_event"))))
                .isInstanceOf(WriteFailure.BadData.class);
    }

    @Test
    void checkWithoutANameIsAMissingPartition() {
        assertThat(WriteFailure.of(new Failed("23514", new Field(Field.FieldType.TABLE_NAME, "log_event"))))
                .isInstanceOf(WriteFailure.MissingPartition.class);
        assertThat(WriteFailure.of(new Failed("23514", new Field(Field.FieldType.CONSTRAINT_NAME, "poison"))))
                .isInstanceOf(WriteFailure.BadData.class);
    }

    @Test
    void brokenAndSilentConnectionsAreMadeAnew() {
        assertThat(WriteFailure.of(new IOException("reset"))).isEqualTo(new WriteFailure.Reconnect("reset"));
        assertThat(WriteFailure.of(new TimeoutException())).isEqualTo(new WriteFailure.Reconnect("TimeoutException"));
    }

    @Test
    void whatNobodyForesawIsTriedAgain() {
        assertThat(WriteFailure.of(new IllegalStateException("odd"))).isEqualTo(new WriteFailure.Unknown("odd"));
        assertThat(WriteFailure.of(Exceptions.failWithOverflow())).isInstanceOf(WriteFailure.Unknown.class);
    }

    @Test
    void fatalErrorsAreRethrown() {
        assertThatThrownBy(() -> WriteFailure.of(new OutOfMemoryError("heap"))).isInstanceOf(OutOfMemoryError.class);
    }

    private static final class Failed extends R2dbcException implements PostgresqlException {
        private final transient ErrorDetails details;

        Failed(String state, Field field) {
            super("text", state);
            details = new ErrorDetails(
                    List.of(new Field(Field.FieldType.CODE, state), new Field(Field.FieldType.MESSAGE, "text"), field));
        }

        @Override
        public ErrorDetails getErrorDetails() {
            return details;
        }
    }
}
