package dev.sluice.protocol.json;

import dev.sluice.event.Column;
import dev.sluice.text.AsciiNameTable;
import dev.sluice.text.Levels;
import org.jspecify.annotations.Nullable;

/**
 * What a key of a JSON event means.
 *
 * @param column where its value goes
 * @param rank which of several keys for one column wins: the lowest
 * @param nanos whether it is the part of a second that another key left out
 * @param path whether only a path of modules counts, {@code shop::orders}
 * @param scale what its numbers mean if it is a level
 * @param inner what the keys inside mean if its value is an object, or null
 */
record KeyMeaning(
        Column column,
        int rank,
        boolean nanos,
        boolean path,
        Levels.Scale scale,
        @Nullable AsciiNameTable<KeyMeaning> inner) {}
