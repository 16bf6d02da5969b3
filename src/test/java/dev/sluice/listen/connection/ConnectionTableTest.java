package dev.sluice.listen.connection;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.listen.connection.ConnectionEffects.Mark;
import dev.sluice.listen.report.ListenObserver.CloseReason;
import dev.sluice.listen.report.ListenObserver.Wait;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/**
 * Puts a {@link ConnectionState} into each phase, lets each event happen, and writes down what it decides: the table of
 * docs/architecture.md, which fails to be so when the code decides anything else. Run it with
 * {@code -Ddocs.update=true} to replace the table, and read what changed.
 */
class ConnectionTableTest {

    private static final Path PAGE = Path.of("docs/architecture.md");
    private static final String HEAD = "| what happens | OPEN | ENDING | HALF_CLOSED | ANSWERING | CLOSED |\n";

    private static final Map<String, Consumer<ScriptedConnection>> EVENTS = events();

    private static Map<String, Consumer<ScriptedConnection>> events() {
        Map<String, Consumer<ScriptedConnection>> all = new LinkedHashMap<>();
        reads(all);
        waits(all);
        ends(all);
        ticks(all);
        return all;
    }

    private static void reads(Map<String, Consumer<ScriptedConnection>> all) {
        all.put("a read is framed", it -> it.state.readOn());
        all.put("... with the reserve, in a frame", it -> {
            it.isOnReserve = true;
            it.isAhead = true;
            it.state.readOn();
        });
        all.put("... and 128 KB wait for a worker", it -> {
            for (Wait each : Wait.values()) {
                it.says(each, true);
            }
            it.state.readOn();
        });
        all.put("... which takes them just then", it -> {
            it.isAhead = true;
            it.aheadTimes = 1;
            it.state.readOn();
        });
        all.put("... and 64 KB of replies wait", it -> {
            it.hasManyReplies = true;
            it.isAboveRate = true;
            it.isBudgetSpent = true;
            it.state.readOn();
        });
        all.put("... and its source is above its rate", it -> {
            it.isAboveRate = true;
            it.isBudgetSpent = true;
            it.state.readOn();
        });
        all.put("... and the budget is spent", it -> {
            it.isBudgetSpent = true;
            it.state.readOn();
        });
        all.put("a read could take but a byte", it -> it.state.starved());
    }

    private static void waits(Map<String, Consumer<ScriptedConnection>> all) {
        all.put("waits for a worker: one took some", it -> {
            it.awaits(Wait.RAIL);
            it.state.taken(it.now);
        });
        all.put("waits for replies: some left", it -> {
            it.awaits(Wait.REPLIES);
            it.state.replied(it.now);
        });
        all.put("waits for replies: too many are left", it -> {
            it.awaits(Wait.REPLIES);
            it.hasManyReplies = true;
            it.state.replied(it.now);
        });
        all.put("waits for its rate: that lets it", it -> {
            it.awaits(Wait.RATE);
            it.state.rateOpened(it.now);
        });
        all.put("waits for budget: it is granted", it -> {
            it.awaits(Wait.BUDGET);
            it.state.granted(it.now);
        });
        all.put("... and nothing comes for 20 ms", it -> {
            it.awaits(Wait.BUDGET);
            it.state.granted(it.now);
            it.done.clear();
            it.grow(0.02);
        });
        all.put("... and something came", it -> {
            it.awaits(Wait.BUDGET);
            it.state.granted(it.now);
            it.comes();
            it.done.clear();
            it.grow(0.02);
        });
    }

    private static void ends(Map<String, Consumer<ScriptedConnection>> all) {
        all.put("the shipper ends its side", it -> it.state.ended(CloseReason.SHIPPER, it.now));
        all.put("what it sends is not the protocol", it -> it.state.ended(CloseReason.PROTOCOL_ERROR, it.now));
        all.put("Sluice shuts down", it -> it.state.drain(it.now));
        all.put("... while it waits for its rate", it -> {
            it.awaits(Wait.RATE);
            it.state.drain(it.now);
        });
        all.put("answered up to the mark of the half-close", it -> it.state.answered(Mark.HALF_CLOSE, it.now));
        all.put("answered up to the mark of the end", it -> it.state.answered(Mark.CLOSE, it.now));
        all.put("a reset, an error of the socket", it -> it.state.close(CloseReason.ERROR, it.now));
        all.put("a bug", it -> it.state.close(CloseReason.INTERNAL_ERROR, it.now));
        all.put("its channel is gone", it -> it.state.gone(it.now));
    }

    private static void ticks(Map<String, Consumer<ScriptedConnection>> all) {
        all.put("a tick, and all is well", it -> it.grow(1));
        all.put("a tick: `max-age` is reached", it -> it.grow(1000));
        all.put("a tick: nothing came for `idle-timeout`", it -> it.grow(60));
        all.put("... but something is due to it", it -> {
            it.isAnswered = false;
            it.grow(60);
        });
        all.put("the seventh poll of 5 s, and nothing came", it -> it.poll(5, 7));
        all.put("... but replies are due to it", it -> {
            it.isAnswered = false;
            it.poll(5, 7);
        });
        all.put("a tick: replies are stuck for 5 min", it -> {
            it.stuckNanos = Replies.STUCK_NANOS;
            it.grow(1);
        });
        all.put("a tick: for 10 s, and others want their memory", it -> {
            it.stuckNanos = Replies.STUCK_WANTED_NANOS;
            it.isWanted = true;
            it.grow(1);
        });
        all.put("a tick: too slow in a frame that others wait for", it -> {
            it.isTooSlow = true;
            it.grow(1);
        });
        all.put("... and waits for Sluice itself", it -> {
            it.awaits(Wait.BUDGET);
            it.isTooSlow = true;
            it.grow(1);
        });
    }

    private static String cell(ConnectionPhase phase, Consumer<ScriptedConnection> event) {
        ScriptedConnection it = ScriptedConnection.in(phase);
        CloseReason before = it.state.why();
        event.accept(it);
        String done = String.join(", ", it.done);
        ConnectionPhase next = it.state.phase();
        if (next == phase && before == it.state.why()) {
            return done.isEmpty() ? "-" : done;
        }
        return (done + " → " + next + ", " + it.state.why().name().toLowerCase(Locale.ROOT)).strip();
    }

    private static String table() {
        StringBuilder table = new StringBuilder(HEAD).append("|---|---|---|---|---|---|\n");
        EVENTS.forEach((what, event) -> {
            table.append("| ").append(what).append(" |");
            for (ConnectionPhase phase : ConnectionPhase.values()) {
                table.append(' ').append(cell(phase, event)).append(" |");
            }
            table.append('\n');
        });
        return table.toString();
    }

    @Test
    void thePageHasWhatTheCodeDecides() throws IOException {
        String page = Files.readString(PAGE);
        int from = page.indexOf(HEAD);
        int to = page.indexOf("\n\n", from) + 1;
        String table = table();
        if (Boolean.getBoolean("docs.update")) {
            Files.writeString(PAGE, page.substring(0, from) + table + page.substring(to));
        } else {
            assertThat(page.substring(from, to)).isEqualTo(table);
        }
    }
}
