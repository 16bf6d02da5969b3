package dev.sluice.store.schema;

import dev.sluice.store.database.TableHome;
import io.r2dbc.spi.ConnectionFactory;

/**
 * Where the keeper works.
 *
 * @param connections to the server that takes the writes
 * @param home the schema of the tables
 */
record KeeperDatabase(ConnectionFactory connections, TableHome home) {}
