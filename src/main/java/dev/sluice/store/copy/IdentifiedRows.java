package dev.sluice.store.copy;

import java.util.List;
import java.util.UUID;

/** The rows of one delivery that is stored with its id, or not at all. */
public record IdentifiedRows(UUID id, List<Span> events, List<Span> deadLetters) {}
