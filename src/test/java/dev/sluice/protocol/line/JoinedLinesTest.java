package dev.sluice.protocol.line;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.event.Framer;
import dev.sluice.event.Framer.Found;
import dev.sluice.protocol.Frames;
import dev.sluice.protocol.syslog.SyslogFramer;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class JoinedLinesTest {

    private static final int FRAME_BYTES_MAX = 2_000;
    private static final int LINES_MAX = 30;
    private static final String HEADER = "<11>1 2026-11-27T12:00:00Z h1 app - - - ";

    private static final String JAVA = """
            2026-11-27 12:00:00,123 ERROR [main] c.e.Shop - The order failed
            java.lang.IllegalStateException: no stock
            \tat com.example.Shop.order(Shop.java:12)
            \tat com.example.Shop$$Lambda/0x1.run(Unknown Source)
            \tSuppressed: java.io.IOException: closed
            \t\tat com.example.Stock.close(Stock.java:3)
            Caused by: java.sql.SQLException: refused
            \tat com.example.Stock.take(Stock.java:9)
            \t... 12 more
            """;

    private static final String STRIPPED = """
            java.lang.RuntimeException: blanks were stripped
            at com.example.Shop.order(Shop.java:12)
            Caused by: java.io.IOException: closed
            at com.example.Stock.close(Stock.java:3)
            ... 3 common frames omitted
            Wrapped by: com.example.Failure: x
            """;

    private static final String PYTHON = """
            ERROR:root:The order failed
            Traceback (most recent call last):
              File "/app/stock.py", line 3, in take
                return stock[name]
                       ~~~~~^^^^^^
            KeyError: 'tea'

            During handling of the above exception, another exception occurred:

            Traceback (most recent call last):
              File "/app/shop.py", line 8, in order
                raise OrderFailed(name) from None
            shop.OrderFailed: tea
            """;

    private static final String GO = """
            panic: runtime error: index out of range [5] with length 3

            goroutine 1 [running]:
            main.(*Shop).Order(0xc000012345, {0x1, 0x2})
            \t/app/shop.go:12 +0x1d
            main.main()
            \t/app/main.go:5 +0x20
            created by net/http.(*Server).Serve in goroutine 1
            \t/usr/local/go/src/net/http/server.go:3285 +0x4b4
            """;

    private static final String DOTNET = """
            Unhandled exception. System.InvalidOperationException: no stock
             ---> System.IO.IOException: closed
               at Shop.Stock.Take(String name) in /app/Stock.cs:line 9
               --- End of inner exception stack trace ---
               at Shop.Order(String name)
            --- End of stack trace from previous location ---
               at Shop.Main()
            """;

    private static final String RUBY = """
            NoMethodError (undefined method 'take' for nil):

            app/models/shop.rb:12:in 'order'
            app/controllers/shops_controller.rb:5:in `create'
            """;

    private static final String RUBY_ALONE = """
            /app/shop.rb:3:in 'order': no stock (RuntimeError)
            \tfrom /app/shop.rb:8:in '<main>'
            """;

    private static final String NODE = """
            Error: connect ECONNREFUSED 127.0.0.1:5432
                at TCPConnectWrap.afterConnect [as oncomplete] (node:net:1555:16) {
              errno: -111,
              code: 'ECONNREFUSED'
            }
            """;

    private static final String PHP = """
            PHP Fatal error:  Uncaught Exception: no stock in /app/shop.php:3
            Stack trace:
            #0 /app/shop.php(8): order('tea')
            #1 {main}
              thrown in /app/shop.php on line 3
            """;

    private static final String RUST = """
            thread 'main' panicked at 'no stock', src/main.rs:2:5
            stack backtrace:
               0: rust_begin_unwind
                         at /rustc/library/std/src/panicking.rs:647:5
            note: run with `RUST_BACKTRACE=full` environment variable
            """;

    static List<String> traces() {
        return List.of(JAVA, STRIPPED, PYTHON, GO, DOTNET, RUBY, RUBY_ALONE, NODE, PHP, RUST);
    }

    /** The Java trace's first line is its header in text; the others need none, or have that of syslog. */
    static List<String> events() {
        return Stream.concat(traces().stream(), traces().stream().map(HEADER::concat))
                .toList();
    }

    @ParameterizedTest
    @MethodSource("events")
    void aTraceIsOneEvent(String trace) {
        String event = trace.stripTrailing();
        assertThat(read(trace)).containsExactly(event);
        assertThat(read(trace.replace("\n", "\r\n"))).containsExactly(event.replace("\n", "\r\n"));
        assertThat(read(trace.stripTrailing() + "\0<14>next\n")).containsExactly(event, "<14>next");
        assertThat(read(trace + HEADER + trace + "2026-11-27 12:00:00 next\n"))
                .containsExactly(event, HEADER + event, "2026-11-27 12:00:00 next");
    }

    /** Only where a line ends, an event ends with the read; nothing is lost or moved, and what goes on is told. */
    @ParameterizedTest
    @MethodSource("events")
    void whereReadsEndMattersAtTheEndOfALineOnly(String trace) {
        String stream = trace + "<14>next\n";
        List<String> whole = List.of(trace.stripTrailing(), "<14>next");
        for (int cut = 1; cut < stream.length(); cut++) {
            Reads reads = new Reads(stream);
            reads.read(cut);
            reads.read(stream.length());
            assertThat(stream.substring(0, reads.at)).isEqualTo(stream);
            if (reads.found.equals(whole)) {
                assertThat(reads.rests).isZero();
            } else {
                assertThat(stream.charAt(cut - 1)).as("before %d", cut).isEqualTo('\n');
                assertThat(reads.found).hasSize(3);
                assertThat(reads.found.get(0) + reads.found.get(1))
                        .as("but for line ends")
                        .isEqualToIgnoringWhitespace(whole.getFirst());
                assertThat(reads.rests).isEqualTo(1);
            }
        }
    }

    @Test
    void whatIsWholeWhenTheReadEndsIsSentOn() {
        Reads reads = new Reads("<14>a\n\tb\n\tc\n");
        reads.read(6);
        assertThat(reads.found).containsExactly("<14>a");
        reads.read(8);
        assertThat(reads.found).hasSize(1);
        reads.read(12);
        assertThat(reads.found).containsExactly("<14>a", "\tb\n\tc");
        assertThat(reads.rests).isEqualTo(1);
    }

    @Test
    void aLineThatBeganAndIsPartOfNoneIsNotWaitedFor() {
        Reads reads = new Reads("<14>a\n<");
        reads.read(7);
        assertThat(reads.found).containsExactly("<14>a");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "<14>b",
                " <14>b",
                "2026-11-27T12:00:00Z h b",
                "  2026-11-27T12:00:00Z h b",
                "\tNov 27 12:00:00 h b",
                "[27-Nov-2026 12:00:00 UTC] b",
                "  [2026-11-27T12:00:00.000Z] b",
                "plain text",
                "{\"message\":\"b\"}",
                "... and so on",
                "java.lang.String",
                "Error: b",
                "#comment",
                "atmosphere"
            })
    void aLineOfItsOwnStaysOne(String line) {
        assertThat(read("<14>a\n" + line + "\n")).containsExactly("<14>a", line);
    }

    @Test
    void aTimeInBracketsEndsATraceback() {
        String traceback = "<14>Traceback (most recent call last):\n  File \"a.py\", line 3, in b";
        assertThat(read(traceback + "\n[2026-11-27 12:00:00,123] INFO - c\n"))
                .containsExactly(traceback, "[2026-11-27 12:00:00,123] INFO - c");
        assertThat(read(traceback + "\n[Errno 2] No such file\n"))
                .containsExactly(traceback + "\n[Errno 2] No such file");
    }

    @Test
    void theClassOfAnExceptionGoesOnWithAHeaderOnly() {
        assertThat(read("starting\njava.io.IOException: x\n\tat A\n"))
                .containsExactly("starting", "java.io.IOException: x\n\tat A");
        assertThat(read("<14>starting\njava.io.IOException\n\tat A\n"))
                .containsExactly("<14>starting\njava.io.IOException\n\tat A");
    }

    @Test
    void countedFramesAndBlankLinesAreAsEver() {
        assertThat(read("4 <1>a4 <2>b\n\tc\n")).containsExactly("<1>a", "<2>b", "\tc");
        assertThat(read("<1>a\n\n \t\n<2>b\n\n")).containsExactly("<1>a", "<2>b");
        assertThat(read("<1>a\n\n \n\tb\n")).containsExactly("<1>a\n\n \n\tb");
    }

    @Test
    void anEventHasSoManyLinesAtMost() {
        Reads reads = new Reads("<1>a\n" + "\tb\n".repeat(2 * LINES_MAX) + "<1>c\n");
        reads.read(reads.stream.length);
        assertThat(reads.found)
                .containsExactly(
                        "<1>a" + "\n\tb".repeat(LINES_MAX - 1), "\tb" + "\n\tb".repeat(LINES_MAX - 1), "\tb", "<1>c");
        assertThat(reads.rests).isEqualTo(2);
    }

    @Test
    void anEventIsNoLongerThanAFrame() {
        String line = "\t" + "b".repeat(500);
        Reads reads = new Reads("<1>a\n" + (line + "\n").repeat(6));
        for (int end = 1; end <= reads.stream.length; end++) {
            reads.read(end);
        }
        reads.last();
        assertThat(reads.found).allSatisfy(event -> assertThat(event.length()).isLessThanOrEqualTo(FRAME_BYTES_MAX));
        assertThat(String.join("\n", reads.found)).isEqualTo("<1>a" + ("\n" + line).repeat(6));
        assertThat(read("<1>a\n" + (line + "\n").repeat(6))).hasSize(2);
    }

    @Test
    void aLineThatIsLongerThanAFrameCostsTheEventBeforeNothing() {
        List<String> found = read("<1>a\n\tb\n\t" + "c".repeat(2 * FRAME_BYTES_MAX) + "\n<1>d\n");
        assertThat(found).startsWith("<1>a\n\tb").endsWith("<1>d");
        assertThat(found.subList(1, found.size() - 1)).allMatch(piece -> piece.startsWith("oversize_frame"));
    }

    /** What is read a byte at a time would take minutes if each line were searched again from its event's beginning. */
    @Test
    @Timeout(60)
    void theWorkGrowsWithTheBytes() {
        String stream = "<1>a\n" + ("\t" + "b".repeat(40) + "\n").repeat(6_000);
        Reads reads = new Reads(new SyslogFramer(stream.length(), 10_000), stream);
        for (int end = 1; end < stream.length(); end++) {
            if (stream.charAt(end - 1) != '\n') {
                reads.read(end); // never where a line ends, so that it is one event
            }
        }
        reads.last();
        assertThat(reads.found).hasSize(1);
    }

    private static List<String> read(String stream) {
        return Frames.read(new SyslogFramer(FRAME_BYTES_MAX, LINES_MAX), bytes(stream));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(ISO_8859_1);
    }

    /** A stream that comes in reads. */
    private static final class Reads {
        final List<String> found = new ArrayList<>();
        final byte[] stream;
        int rests;
        int at;

        private final Framer framer;
        private final Framer.Frame frame = new Framer.Frame();

        Reads(String stream) {
            this(new SyslogFramer(FRAME_BYTES_MAX, LINES_MAX), stream);
        }

        Reads(Framer framer, String stream) {
            this.framer = framer;
            this.stream = bytes(stream);
        }

        void read(int end) {
            while (at < end && note(framer.next(stream, at, end, frame))) {
                at = frame.next();
            }
        }

        void last() {
            while (at < stream.length && note(framer.last(stream, at, stream.length, frame))) {
                at = frame.next();
            }
        }

        private boolean note(Found next) {
            if (next == Found.FRAME) {
                found.add(new String(stream, frame.from(), frame.to() - frame.from(), ISO_8859_1));
                rests += frame.isRest() ? 1 : 0;
            }
            return next != Found.INCOMPLETE;
        }
    }
}
