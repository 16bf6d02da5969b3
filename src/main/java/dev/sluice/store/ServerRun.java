package dev.sluice.store;

import dev.sluice.store.database.HostAddress;

/**
 * A server from one start to the next; a standby that takes over is another one.
 *
 * @param startedAt by its own clock; empty where it does not tell
 */
record ServerRun(HostAddress host, String startedAt) {}
