package dev.sluice.simulation;

import io.netty.buffer.ByteBuf;
import java.util.List;
import java.util.UUID;

/** What became of a statement. */
sealed interface SqlResult {

    record Done(ByteBuf answer) implements SqlResult {}

    record CopyBegins(ByteBuf answer) implements SqlResult {}

    record Failed(SqlError error) implements SqlResult {}

    /** The session is over. */
    record Ended(SqlError error) implements SqlResult {}

    /** It waits until the other's transaction has ended. */
    record Waits(PostgresSession other) implements SqlResult {}

    /** It waits until the standby has it, or somebody gives that up. */
    record Replicates(Transaction done) implements SqlResult {}

    static SqlResult failed(String state, String message) {
        return new Failed(SqlError.of(state, message));
    }

    static SqlResult done(String tag) {
        return new Done(BackendMessages.complete(tag));
    }

    /** Done, and something is said about it. */
    static SqlResult warned(String state, String message, String tag) {
        return new Done(BackendMessages.warning(state, message).writeBytes(BackendMessages.complete(tag)));
    }

    static SqlResult value(String column, String value) {
        return new Done(BackendMessages.rows(List.of(column), List.of(List.of(value))));
    }

    static SqlResult ids(String column, List<UUID> ids, String tag) {
        List<List<String>> rows = ids.stream().map(id -> List.of(id.toString())).toList();
        return new Done(BackendMessages.rows(List.of(column), rows, tag));
    }
}
