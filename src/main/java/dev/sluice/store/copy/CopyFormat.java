package dev.sluice.store.copy;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * PostgreSQL's binary COPY format: a header, rows of a column count and length-prefixed values, a trailer. The length
 * of null is -1.
 */
public final class CopyFormat {

    public static final String EVENT_COLUMNS =
            "received_at, event_at, severity, facility, host, app, proc_id, msg_id, message,"
                    + " attributes, source, listener";
    public static final String DEAD_LETTER_COLUMNS =
            "received_at, source, listener, protocol, reason, detail, payload, frame, piece, pieces";
    public static final int EVENT_COLUMN_COUNT = 12;
    public static final int DEAD_LETTER_COLUMN_COUNT = 10;

    /** The column of the bytes of a dead letter; text stands between the time and it. */
    public static final int DEAD_LETTER_PAYLOAD = 6;

    /** How an event row begins: the count of its columns, and two times. */
    public static final int TIMES_BYTES = Short.BYTES + 2 * (Integer.BYTES + Long.BYTES);

    public static final int NULL = -1;
    /** Before the text of a {@code jsonb} value. */
    public static final int JSONB_VERSION = 1;

    private static final long EPOCH_2000_MICROS = 946_684_800_000_000L;
    /**
     * 4714-11-24 BC, the first instant of {@code timestamptz}. Its last one is beyond what a long of micros reaches.
     */
    private static final long FIRST_MICROS = -211_813_488_000_000_000L + EPOCH_2000_MICROS;

    private static final VarHandle SHORT = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    /** Signature, no flags, no extension. */
    private static final byte[] HEADER = "PGCOPY\n\u00ff\r\n\0\0\0\0\0\0\0\0\0".getBytes(StandardCharsets.ISO_8859_1);

    private static final byte[] TRAILER = {-1, -1};

    private CopyFormat() {}

    /**
     * A statement without rows that fails where {@code attributes} are no jsonb: a column of text takes the bytes of
     * one, the version first, and PostgreSQL says nothing.
     *
     * @param home comes before the name of the table
     */
    public static String check(String home) {
        return "SELECT jsonb_typeof((NULL::" + home + "log_event).attributes) WHERE false; ";
    }

    public static byte[] header() {
        return HEADER;
    }

    public static byte[] trailer() {
        return TRAILER;
    }

    /** Microseconds since the epoch as {@code timestamptz} counts them, moved into its range where they are not. */
    static long timestamptz(long epochMicros) {
        return Math.max(epochMicros, FIRST_MICROS) - EPOCH_2000_MICROS;
    }

    public static long epochMicros(long timestamptz) {
        return timestamptz + EPOCH_2000_MICROS;
    }

    public static int shortAt(byte[] bytes, int at) {
        return (short) SHORT.get(bytes, at);
    }

    public static int intAt(byte[] bytes, int at) {
        return (int) INT.get(bytes, at);
    }

    public static long longAt(byte[] bytes, int at) {
        return (long) LONG.get(bytes, at);
    }

    static void putLong(byte[] bytes, int at, long value) {
        LONG.set(bytes, at, value);
    }

    /** Where the row after {@code rows} rows from {@code at} starts. */
    static int skipRows(byte[] bytes, int at, int rows) {
        int position = at;
        for (int row = 0; row < rows; row++) {
            int columns = shortAt(bytes, position);
            position += Short.BYTES;
            for (int column = 0; column < columns; column++) {
                position += Integer.BYTES + Math.max(intAt(bytes, position), 0);
            }
        }
        return position;
    }
}
