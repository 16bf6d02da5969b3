package dev.sluice.store;

import reactor.core.publisher.Mono;

/**
 * What all lanes share.
 *
 * @param partitions makes the partitions that are missing; subscribed again each time it is needed
 */
record StoreContext(BatchIds ids, StoreObserver observer, Mono<Void> partitions) {}
