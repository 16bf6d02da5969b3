package dev.sluice.protocol.json;

import dev.sluice.text.AsciiNameTable;
import dev.sluice.text.Levels;
import org.jspecify.annotations.Nullable;

/**
 * What a key of a JSON event means.
 *
 * @param column where its value goes
 * @param rank which of several keys for one column wins: the lowest
 * @param nanos whether it is the part of a second that another key left out
 * @param scale what its numbers mean if it is a level
 * @param inner what the keys inside mean if its value is an object, or null
 */
record KeyMeaning(
        Column column,
        int rank,
        boolean nanos,
        Levels.Scale scale,
        @Nullable AsciiNameTable<KeyMeaning> inner) {

    /** The columns that a key can fill. */
    enum Column {
        TIME(0),
        SEVERITY(1),
        FACILITY(2),
        HOST(3),
        APP(4),
        PROC_ID(5),
        MSG_ID(6),
        MESSAGE(7);

        static final int COUNT = 8;

        private final int place;

        Column(int place) {
            this.place = place;
        }

        /** Its place among the columns' marks. */
        int place() {
            return place;
        }
    }
}
