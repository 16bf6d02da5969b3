/** RELP, the protocol of rsyslog in which each transaction is acknowledged. */
@NullMarked
package dev.sluice.protocol.relp;

import org.jspecify.annotations.NullMarked;
