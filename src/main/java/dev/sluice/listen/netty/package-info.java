/**
 * What Netty does not do by itself: a read bounded by demand, a socket that hung up during a pause, a connection that
 * was reset, connections that the kernel accepted when the port closes.
 */
@NullMarked
package dev.sluice.listen.netty;

import org.jspecify.annotations.NullMarked;
