package dev.sluice;

import dev.sluice.store.EventStore;
import dev.sluice.store.database.JdbcUrl;
import dev.sluice.store.schema.IndexKeeper;
import dev.sluice.store.schema.PartitionKeeper;
import dev.sluice.store.schema.SchemaMigration;

/** What has to be in order in the database before the first event, and is let go after the last. */
record Database(
        JdbcUrl url, SchemaMigration schema, PartitionKeeper partitions, IndexKeeper indexes, EventStore store) {

    @Override
    public String toString() {
        return "PostgreSQL at " + url.hosts() + "/" + url.name() + ", "
                + store.lanes().size() + " lanes";
    }
}
