package dev.sluice;

import dev.sluice.store.EventStore;
import dev.sluice.store.PartitionKeeper;
import dev.sluice.store.SchemaMigration;

/** What has to be in order in the database before the first event, and is let go after the last. */
record Database(SchemaMigration schema, PartitionKeeper partitions, EventStore store) {}
