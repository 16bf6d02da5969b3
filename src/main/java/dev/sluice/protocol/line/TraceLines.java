package dev.sluice.protocol.line;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.sluice.text.Ascii;
import dev.sluice.text.LocalZone;
import dev.sluice.text.TimeParts;
import dev.sluice.text.WrittenTime;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.stream.Stream;

/**
 * Tells which lines go on with the one before: those that begin with a blank, and those of stack traces that do not, as
 * Java, .NET, Python, Go, Ruby, PHP, Node.js and Rust write them. A line with a header, which is a PRI or a time, never
 * does. One a connection: what an unindented line means depends on the lines before it.
 */
final class TraceLines {

    private static final byte[][] CONTINUATIONS = Stream.of(
                    "at ",
                    "Caused by: ",
                    "Wrapped by: ",
                    "Suppressed: ",
                    "Traceback (most recent call last):",
                    "During handling of the above exception, another exception occurred:",
                    "The above exception was the direct cause of the following exception:",
                    "goroutine ",
                    "created by ",
                    "[signal ",
                    "Stack trace:",
                    "stack backtrace:",
                    "note: run with `RUST_BACKTRACE",
                    "--- End of ")
            .map(words -> words.getBytes(US_ASCII))
            .toArray(byte[][]::new);

    private static final boolean[] FIRSTS = new boolean[128];

    static {
        for (byte[] words : CONTINUATIONS) {
            FIRSTS[words[0]] = true;
        }
    }

    private static final byte[] TRACEBACK = "Traceback (most recent call last):".getBytes(US_ASCII);
    private static final byte[] GOROUTINE = "goroutine ".getBytes(US_ASCII);
    private static final byte[] OMITTED = "... ".getBytes(US_ASCII);
    private static final byte[] RUBY_FILE = ".rb:".getBytes(US_ASCII);
    private static final byte[] RUBY_METHOD = ":in ".getBytes(US_ASCII);
    private static final byte[][] EXCEPTIONS = {
        "Exception".getBytes(US_ASCII), "Error".getBytes(US_ASCII), "Throwable".getBytes(US_ASCII)
    };

    /** A name is not looked for any further. */
    private static final int WORD_BYTES_MAX = 512;

    private final WrittenTime time = new WrittenTime(LocalZone.of(ZoneOffset.UTC));
    private final TimeParts timeParts = new TimeParts();

    /**
     * Whether it is known whether the event has a header, so that the line of an exception's class is none of its own.
     */
    private boolean isHeaderKnown;

    private boolean hasHeader;

    /** Whether a traceback of Python's waits for the line of its exception, the only one that is not indented. */
    private boolean inTraceback;

    /** Whether calls of a goroutine are told, a line each before the indented one of their place. */
    private boolean inGoroutine;

    /** Whether a line that begins with {@code first} may go on with another one; the rest of it is needed to tell. */
    static boolean mayGoOn(byte first) {
        return first != '<' && first != '{' && !Ascii.isDigit(first);
    }

    /** An event begins with a line. */
    void begin(byte[] bytes, int from, int to) {
        isHeaderKnown = false;
        inTraceback = false;
        inGoroutine = false;
        remember(bytes, from, to);
    }

    /** The bytes of the event go: what may be asked about its first line is settled, which few lines ask. */
    void settle(byte[] bytes, int first, int firstEnd) {
        hasHeader = isHeaderKnown ? hasHeader : isHeader(bytes, first, firstEnd);
        isHeaderKnown = true;
    }

    /**
     * Whether a line that is not blank goes on with the one before.
     *
     * @param first where the first line of the event begins; it does not matter once that is {@link #settle settled}
     */
    boolean goesOn(byte[] bytes, int from, int to, int first, int firstEnd) {
        int text = blanksEnd(bytes, from, to);
        boolean goesOn = text > from ? !isHeader(bytes, text, to) : isUnindented(bytes, from, to);
        if (!goesOn && text == from && mayGoOn(bytes[from]) && isException(bytes, from, to)) {
            settle(bytes, first, firstEnd);
            goesOn = hasHeader;
        }
        if (goesOn) {
            remember(bytes, from, to);
        }
        return goesOn;
    }

    private boolean isUnindented(byte[] bytes, int from, int to) {
        if (!mayGoOn(bytes[from])) {
            return false;
        }
        if (inTraceback && !isHeader(bytes, from, to)) {
            inTraceback = false;
            return true;
        }
        return startsWithAny(bytes, from, to)
                || isOmitted(bytes, from, to)
                || isNumbered(bytes, from, to)
                || isClosing(bytes, from, to)
                || isOfRuby(bytes, from, to)
                || (inGoroutine && isCall(bytes, from, to));
    }

    private void remember(byte[] bytes, int from, int to) {
        int traceback = to - TRACEBACK.length;
        inTraceback |= traceback >= from && startsWith(bytes, traceback, to, TRACEBACK);
        inGoroutine |= startsWith(bytes, from, to, GOROUTINE);
    }

    private boolean isHeader(byte[] bytes, int from, int to) {
        return OctetCount.priEnd(bytes, from, to) > 0
                || time.decodeInBrackets(bytes, from, to, 0, timeParts) > 0
                || (from < to
                        && (Ascii.isDigit(bytes[from]) || Ascii.isLetter(bytes[from]))
                        && time.decode(bytes, from, to, 0, timeParts) > 0);
    }

    private static int blanksEnd(byte[] bytes, int from, int to) {
        int i = from;
        while (i < to && (bytes[i] == ' ' || bytes[i] == '\t')) {
            i++;
        }
        return i;
    }

    private static boolean startsWithAny(byte[] bytes, int from, int to) {
        if (bytes[from] < 0 || !FIRSTS[bytes[from]]) {
            return false;
        }
        for (byte[] words : CONTINUATIONS) {
            if (startsWith(bytes, from, to, words)) {
                return true;
            }
        }
        return false;
    }

    /** {@code ... 12 more} */
    private static boolean isOmitted(byte[] bytes, int from, int to) {
        int number = from + OMITTED.length;
        return number < to && startsWith(bytes, from, to, OMITTED) && Ascii.isDigit(bytes[number]);
    }

    /** {@code #0 /app/index.php(5): main()} */
    private static boolean isNumbered(byte[] bytes, int from, int to) {
        int i = from + 1;
        while (i < to && Ascii.isDigit(bytes[i])) {
            i++;
        }
        return bytes[from] == '#' && i > from + 1 && i < to && bytes[i] == ' ';
    }

    /** Nothing but what closes what was opened before. */
    private static boolean isClosing(byte[] bytes, int from, int to) {
        int i = from;
        while (i < to && (bytes[i] == '}' || bytes[i] == ']' || bytes[i] == ')' || bytes[i] == ',')) {
            i++;
        }
        return i == to && bytes[from] != ',';
    }

    /** {@code app/models/user.rb:12:in 'save'} */
    private static boolean isOfRuby(byte[] bytes, int from, int to) {
        int end = Math.min(to, from + WORD_BYTES_MAX);
        for (int i = from; i < end && bytes[i] != ' '; i++) {
            if (bytes[i] == '.' && startsWith(bytes, i, to, RUBY_FILE)) {
                int line = i + RUBY_FILE.length;
                int after = line;
                while (after < to && Ascii.isDigit(bytes[after])) {
                    after++;
                }
                return after > line && startsWith(bytes, after, to, RUBY_METHOD);
            }
        }
        return false;
    }

    /** {@code net/http.(*conn).serve(0xc0000a6000, {0x6e2a40, 0xc0000a2000})} */
    private static boolean isCall(byte[] bytes, int from, int to) {
        int end = Math.min(to, from + WORD_BYTES_MAX);
        int i = from;
        while (i < end && bytes[i] != ' ' && bytes[i] != '(') {
            i++;
        }
        return i > from && i < end && bytes[i] == '(' && bytes[to - 1] == ')';
    }

    /** {@code java.lang.IllegalStateException: the message}, or only the name, which has a package. */
    private static boolean isException(byte[] bytes, int from, int to) {
        int end = Math.min(to, from + WORD_BYTES_MAX);
        int i = from;
        boolean isQualified = false;
        while (i < end && (Ascii.isWord(bytes[i]) || bytes[i] == '.' || bytes[i] == '$')) {
            isQualified |= bytes[i] == '.';
            i++;
        }
        return isQualified && (i == to || bytes[i] == ':') && isNamedException(bytes, from, i);
    }

    private static boolean isNamedException(byte[] bytes, int from, int to) {
        for (byte[] name : EXCEPTIONS) {
            if (to - name.length > from && startsWith(bytes, to - name.length, to, name)) {
                return true;
            }
        }
        return false;
    }

    private static boolean startsWith(byte[] bytes, int from, int to, byte[] words) {
        return to - from >= words.length
                && bytes[from] == words[0]
                && Arrays.equals(bytes, from, from + words.length, words, 0, words.length);
    }
}
