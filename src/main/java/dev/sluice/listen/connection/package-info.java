/** The life of one connection, from the gates to its close: what it reads and when, what waits, what it is answered. */
@NullMarked
package dev.sluice.listen.connection;

import org.jspecify.annotations.NullMarked;
