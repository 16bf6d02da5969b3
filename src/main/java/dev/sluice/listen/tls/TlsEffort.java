package dev.sluice.listen.tls;

/**
 * What the records of one TLS connection cost beside what they bring. A record without plaintext is a request for new
 * keys, an alert or an empty one: a few in the life of a connection are normal, and each costs as much as decrypting
 * kilobytes, and perhaps an answer that nobody reads. Many small records cost more than their bytes, which is what
 * decides how long a read keeps the event loop. On the connection's event loop only.
 */
final class TlsEffort {

    /** How many records without plaintext a connection may send at once; libraries change keys after 16 million. */
    static final int IDLE_MAX = 64;

    /** For so much plaintext it may send one more. */
    static final int BYTES_PER_IDLE = 64 << 10;

    /** About as many records should come with a read. */
    static final int RECORDS_PER_READ = 512;

    private static final int READ_BYTES_MIN = 4 << 10;

    private long credit = (long) IDLE_MAX * BYTES_PER_IDLE;
    private int readRecords;
    private int nextReadBytes = Integer.MAX_VALUE;

    /** Whole records came, {@code idle} of them without plaintext; returns whether that is still in order. */
    boolean records(int records, int idle, int plainBytes) {
        readRecords += records;
        credit = Math.min(credit + plainBytes, (long) IDLE_MAX * BYTES_PER_IDLE) - (long) idle * BYTES_PER_IDLE;
        return credit >= 0;
    }

    /** A read of {@code bytes} is over; the next may take as many as hold that number of records of the same size. */
    void readEnded(int bytes) {
        nextReadBytes = readRecords <= RECORDS_PER_READ
                ? Integer.MAX_VALUE
                : Math.max(READ_BYTES_MIN, (int) ((long) bytes * RECORDS_PER_READ / readRecords));
        readRecords = 0;
    }

    /** How many bytes the next read should take at most. */
    int nextReadBytes() {
        return nextReadBytes;
    }
}
