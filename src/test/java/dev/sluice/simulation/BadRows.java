package dev.sluice.simulation;

import java.util.List;

/** Rows that the modelled table does not take: the message says how it refuses them. */
final class BadRows {

    private static final String MARK = " refused:";

    /** Ends of messages, one of which a bad event has. */
    static final List<String> KINDS =
            List.of(MARK + "22021", MARK + "23514", MARK + "P0001", MARK + "40001", MARK + "XX000", MARK + "ends");

    private BadRows() {}

    /** Null for a row that is taken. */
    static SqlResult refusal(String message) {
        int mark = message.indexOf(MARK);
        if (mark < 0) {
            return null;
        }
        String kind = message.substring(mark + MARK.length());
        return kind.equals("ends")
                ? new SqlResult.Ended(SqlError.fatal("57P01", "terminating connection due to a trigger"))
                : new SqlResult.Failed(SqlError.raised(kind));
    }

    static boolean isBad(String message) {
        return message.contains(MARK);
    }
}
