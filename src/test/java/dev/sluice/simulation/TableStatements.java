package dev.sluice.simulation;

import dev.sluice.simulation.SqlResult.Done;
import dev.sluice.simulation.SqlResult.Waits;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Statements on the tables, and questions, within a transaction. */
final class TableStatements {

    private static final Pattern ID = Pattern.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}");
    private static final int EVENT_COLUMNS = 12;
    private static final int LETTER_COLUMNS = 10;

    private final Postgres server;
    private final PostgresSession session;
    private boolean copiesEvents;

    /** What the statement at hand has inserted, which may have to wait in the middle. */
    private final List<UUID> fresh = new ArrayList<>();

    TableStatements(Postgres server, PostgresSession session) {
        this.server = server;
        this.session = session;
    }

    /** The statement at hand is undone. */
    void forget() {
        fresh.clear();
    }

    SqlResult run(String sql, Transaction open) {
        boolean isInsert = sql.startsWith("INSERT INTO");
        if (server.isStandby() && (isInsert || sql.startsWith("COPY") || sql.startsWith("UPDATE"))) {
            return SqlResult.failed("25006", "cannot execute it in a read-only transaction");
        }
        if (sql.startsWith("COPY ")) {
            copiesEvents = sql.startsWith("COPY \"public\".log_event");
            return new SqlResult.CopyBegins(BackendMessages.copyIn(copiesEvents ? EVENT_COLUMNS : LETTER_COLUMNS));
        }
        if (isInsert) {
            return sql.startsWith("INSERT INTO \"public\".ingest_batch")
                    ? insertBatch(ids(sql).getFirst(), open)
                    : insertDeliveries(ids(sql), open);
        }
        if (sql.startsWith("UPDATE \"public\".ingest_batch")) {
            return update(ids(sql).getLast(), open);
        }
        if (sql.startsWith("SELECT count(*)")) {
            boolean isOfBatches = sql.startsWith("SELECT count(*) FROM \"public\".ingest_batch");
            long count = ids(sql).stream()
                    .filter(id -> isOfBatches ? hasBatch(id, open) : hasDelivery(id, open))
                    .count();
            return SqlResult.value("count", Long.toString(count));
        }
        if (sql.startsWith("SELECT asked.id")) {
            List<UUID> found = ids(sql).stream()
                    .filter(id -> server.isStandby() || hasBatch(id, open))
                    .toList();
            return SqlResult.ids("id", found, "SELECT " + found.size());
        }
        return new Done(question(sql));
    }

    private Tables tables() {
        return server.tables();
    }

    private boolean hasBatch(UUID id, Transaction open) {
        return tables().batches.containsKey(id) || open.batches.containsKey(id);
    }

    private boolean hasDelivery(UUID id, Transaction open) {
        return tables().deliveries.contains(id) || open.deliveries.contains(id);
    }

    /** What is asked of the server and the session. */
    private ByteBuf question(String sql) {
        String start = sql.substring(0, Math.min(20, sql.length()));
        String isStandby = server.isStandby() ? "t" : "f";
        return switch (start) {
            case "select pg_is_in_reco" ->
                BackendMessages.rows(List.of("standby", "read_only"), List.of(List.of(isStandby, isStandby)));
            case "select system_identi" ->
                BackendMessages.rows(
                        List.of("system_identifier", "wal_file"),
                        List.of(List.of("1", "%08X0000000000000001".formatted(server.timeline()))));
            case "SHOW synchronous_com" -> BackendMessages.rows(List.of("synchronous_commit"), List.of(List.of("on")));
            case "SHOW TRANSACTION ISO" ->
                BackendMessages.rows(List.of("transaction_isolation"), List.of(List.of("read committed")));
            case "SELECT extract(epoch" ->
                BackendMessages.rows(List.of("extract"), List.of(List.of(server.startedAt())));
            case "SELECT jsonb_typeof(" -> BackendMessages.rows(List.of("jsonb_typeof"), List.of());
            case "SELECT value FROM (S" -> BackendMessages.rows(List.of("value"), tables().neighbour());
            default -> throw new SimulationFailure("the model of PostgreSQL does not know: " + sql);
        };
    }

    private SqlResult insertBatch(UUID id, Transaction open) {
        if (hasBatch(id, open)) {
            return SqlResult.done("INSERT 0 0");
        }
        PostgresSession holder = server.holder(other -> other.holds(id), session);
        if (holder != null) {
            return new Waits(holder);
        }
        open.batches.put(id, 0);
        return SqlResult.done("INSERT 0 1");
    }

    private SqlResult insertDeliveries(List<UUID> ids, Transaction open) {
        for (UUID id : ids) {
            PostgresSession holder = server.holder(other -> other.holds(id), session);
            if (holder != null) {
                return new Waits(holder);
            }
            if (!tables().deliveries.contains(id) && open.deliveries.add(id)) {
                fresh.add(id);
            }
        }
        List<UUID> inserted = List.copyOf(fresh);
        fresh.clear();
        return SqlResult.ids("delivery_id", inserted, "INSERT 0 " + inserted.size());
    }

    private SqlResult update(UUID id, Transaction open) {
        if (tables().batches.containsKey(id)) {
            PostgresSession holder = server.holder(other -> other.hasChanged(id), session);
            if (holder != null) {
                return new Waits(holder);
            }
            open.changed.add(id);
        }
        return SqlResult.done("UPDATE " + (hasBatch(id, open) ? 1 : 0));
    }

    /** The data of a COPY has arrived. */
    SqlResult copy(ByteBuf data, Transaction open) {
        if (server.isFull()) {
            return SqlResult.failed("53100", "could not extend file: No space left on device");
        }
        List<CopiedRow> rows = CopiedRow.parse(data, copiesEvents);
        if (copiesEvents) {
            for (CopiedRow row : rows) {
                SqlResult refusal = BadRows.refusal(row.text());
                if (refusal != null) {
                    return refusal;
                }
            }
        }
        (copiesEvents ? open.events : open.letters).addAll(rows);
        return SqlResult.done("COPY " + rows.size());
    }

    private static List<UUID> ids(String sql) {
        Matcher found = ID.matcher(sql);
        List<UUID> ids = new ArrayList<>();
        while (found.find()) {
            ids.add(UUID.fromString(found.group()));
        }
        return ids;
    }
}
