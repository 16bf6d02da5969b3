package dev.sluice.store.schema;

import dev.sluice.store.database.TableHome;
import io.r2dbc.spi.ConnectionFactory;

/**
 * Where the keeper works.
 *
 * @param connections to the server that takes the writes, as the owner of the tables
 * @param writers the same as the one who stores rows
 * @param home the schema of the tables
 */
record KeeperDatabase(ConnectionFactory connections, ConnectionFactory writers, TableHome home) {

    /** The settings of a role are those of its own sessions. */
    KeeperDatabase asWriter() {
        return new KeeperDatabase(writers, writers, home);
    }

    boolean hasTwoAccounts() {
        return !connections.equals(writers);
    }
}
