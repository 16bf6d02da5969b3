/**
 * Deterministic simulation: the real code on one thread, in virtual time, from one seed. Only what is outside of the
 * process is a model: the network and PostgreSQL. {@code StoreWorld} is the store alone, {@code ListenWorld} the whole
 * way of an event.
 */
package dev.sluice.simulation;
