package dev.sluice.tail;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.sluice.event.ArrayPool;
import dev.sluice.event.Delivery;
import dev.sluice.event.LogEvent;
import dev.sluice.event.Origin;
import dev.sluice.event.Protocol;
import dev.sluice.event.RowEncoder;
import dev.sluice.rule.EventFilter;
import dev.sluice.store.copy.CopyRowEncoder;
import java.lang.reflect.Method;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TailTest {

    private static final Origin ORIGIN = Origin.of("main", "10.0.0.1", Protocol.SYSLOG);

    private final Tail tail = new Tail();
    private final RowEncoder rows = new CopyRowEncoder(ArrayPool.none());
    private final Supplier<RowEncoder> encoders = tail.before(rows);
    private final LogEvent event = new LogEvent();

    @Test
    void whileNobodyLooksTheRowEncoderStandsThereItself() {
        assertThat(encoders.get()).isSameAs(rows);
        TailListener listener = open();
        assertThat(encoders.get()).isNotSameAs(rows);
        tail.close(listener);
        assertThat(encoders.get()).isSameAs(rows);
    }

    /** One that has a default would be left out in silence. */
    @Test
    void passesAllOnToTheRowEncoder() {
        for (Method method : RowEncoder.class.getMethods()) {
            assertThatCode(() -> TailEncoder.class.getDeclaredMethod(method.getName(), method.getParameterTypes()))
                    .as(method.toString())
                    .doesNotThrowAnyException();
        }
    }

    @Test
    void showsWhatIsStoredOnceABatchOfFrames() {
        TailListener listener = open();
        RowEncoder encoder = encoders.get();
        encoder.begin(delivery());
        frame(encoder, "shop", 3, "one");
        frame(encoder, "shop", 3, "two");
        assertThat(text(listener)).isEmpty();
        assertThat(encoder.seal().events()).isEqualTo(2);
        assertThat(text(listener).lines())
                .containsExactly(
                        "{\"received_at\":\"1970-01-01T00:00:00.000001Z\",\"severity\":3,\"message\":\"one\",\"app\":\"shop\","
                                + "\"source\":\"10.0.0.1\",\"listener\":\"main\"}",
                        "{\"received_at\":\"1970-01-01T00:00:00.000001Z\",\"severity\":3,\"message\":\"two\",\"app\":\"shop\","
                                + "\"source\":\"10.0.0.1\",\"listener\":\"main\"}");
        assertThat(text(listener)).isEmpty();
    }

    @Test
    void whatAFrameTakesBackIsNotShown() {
        TailListener listener = open();
        RowEncoder encoder = encoders.get();
        encoder.begin(delivery());
        frame(encoder, "shop", 3, "kept");
        frame(encoder, "shop", 3, "taken back");
        encoder.takeBack();
        frame(encoder, "shop", 3, "x".repeat(TailListener.BYTES_MAX));
        encoder.takeBack();
        encoder.seal();
        assertThat(text(listener)).contains("kept").doesNotContain("taken back", "lost");
    }

    @Test
    void whatAFailedBatchOfFramesLeftIsNotShown() {
        TailListener listener = open();
        RowEncoder encoder = encoders.get();
        encoder.begin(delivery());
        frame(encoder, "shop", 3, "of the failed one");
        encoder.discard();
        encoder.begin(delivery());
        frame(encoder, "shop", 3, "next");
        encoder.seal();
        assertThat(text(listener)).contains("next").doesNotContain("failed");
    }

    @Test
    void whoIsSlowLosesEventsAndIsToldHowMany() {
        TailListener slow = open();
        String message = "x".repeat(1000);
        for (int batch = 0; batch < 10; batch++) {
            show(100, message);
        }
        String first = text(slow);
        assertThat(first.length()).isLessThan(TailListener.BYTES_MAX + 64);
        List<String> lines = first.lines().toList();
        int shown = lines.size() - 1;
        assertThat(shown).isBetween(50, 65);
        assertThat(lines.getLast()).isEqualTo("{\"tail\":{\"lost\":" + (1000 - shown) + "}}");
        show(1, "after");
        assertThat(text(slow).lines()).singleElement().asString().contains("after");
        tail.close(slow);
        assertThat(tail.lost()).isEqualTo(1000 - shown);
    }

    /** What is not looked at any more is counted, and a frame may take back any of it. */
    @ParameterizedTest
    @CsvSource({
        "0, false",
        "1, false",
        "69, false",
        "72, false",
        "73, false",
        "100, false",
        "0, true",
        "72, true",
        "100, true"
    })
    void whatAFrameTakesBackIsNotLost(int before, boolean isFiltered) {
        EventFilter filter = EventFilter.of(isFiltered ? Map.of("app", List.of("shop")) : Map.of());
        TailListener listener = tail.open(filter).orElseThrow();
        String message = "x".repeat(800);
        RowEncoder encoder = encoders.get();
        encoder.begin(delivery());
        for (int i = 0; i < before; i++) {
            frame(encoder, "shop", 3, message);
        }
        for (int i = 0; i < 2; i++) {
            encoder.beginFrame();
            for (int j = 0; j < 80; j++) {
                event(encoder, "shop", 3, message);
            }
            encoder.takeBack();
        }
        frame(encoder, "shop", 3, "last");
        if (isFiltered) {
            frame(encoder, "pay", 3, "not for this one");
        }
        encoder.seal();
        String text = text(listener);
        assertThat(seen(text)).isEqualTo(before + 1);
        assertThat(text.contains("last")).isEqualTo(before < 70);
    }

    @Test
    void whoComesWithinABatchOfFramesLosesNothingOfBefore() {
        TailListener gone = open();
        RowEncoder encoder = encoders.get();
        tail.close(gone);
        encoder.begin(delivery());
        frame(encoder, "shop", 3, "before");
        TailListener listener = open();
        encoder.begin(delivery());
        frame(encoder, "shop", 3, "after");
        encoder.seal();
        assertThat(text(listener).lines()).singleElement().asString().contains("after");
    }

    @Test
    void theNextIsNotShownBeforeALossIsTold() {
        TailListener listener = open();
        show(1, "x".repeat(TailListener.BYTES_MAX));
        show(1, "small");
        assertThat(text(listener)).isEqualTo("{\"tail\":{\"lost\":2}}\n");
    }

    @Test
    void oneWhoIsSlowTakesNothingFromOthers() {
        TailListener slow = open();
        TailListener quick = open();
        int seen = 0;
        for (int i = 0; i < 100; i++) {
            show(1, "x".repeat(10_000));
            seen += (int) text(quick).lines().count();
        }
        assertThat(seen).isEqualTo(100);
        assertThat(text(slow)).contains("lost");
    }

    @ParameterizedTest
    @CsvSource({
        "app, shop, true",
        "app, sh*, true",
        "app, 'pay,shop', true",
        "app, pay, false",
        "severity, error, true",
        "severity, emerg..warning, true",
        "severity, info, false",
        "source, 10.0.0.*, true",
        "source, 10.0.1.*, false",
        "listener, main, true",
        "host, web-1, false",
        "text, TIMEOUT, true",
        "text, 'a timeout, at last', true",
        "text, never, false",
        "text, and more than there is in the message that is looked at, false"
    })
    void matches(String name, String value, boolean isShown) {
        TailListener listener =
                tail.open(EventFilter.of(Map.of(name, List.of(value)))).orElseThrow();
        show(1, "a timeout, at last");
        assertThat(!text(listener).isEmpty()).isEqualTo(isShown);
    }

    @Test
    void allParametersHaveToMatch() {
        TailListener listener = tail.open(EventFilter.of(Map.of("app", List.of("pay", "shop"), "text", List.of("x"))))
                .orElseThrow();
        show(1, "x");
        show(1, "y");
        assertThat(text(listener).lines()).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"severity=loud", "severity=", "ap=shop", "message=(a|b)*", "text=", "not=1", "attributes=x"})
    void refusesWhatItDoesNotKnow(String parameter) {
        String[] parts = parameter.split("=", -1);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> EventFilter.of(Map.of(parts[0], List.of(parts[1]))))
                .withMessageContaining(parts[0])
                .withMessageContaining("expected");
    }

    @Test
    void fewMayLook() {
        for (int i = 0; i < Tail.LISTENERS_MAX; i++) {
            open();
        }
        assertThat(tail.open(EventFilter.of(Map.of()))).isEmpty();
        tail.close(tail.listeners().getFirst());
        assertThat(tail.open(EventFilter.of(Map.of()))).isPresent();
    }

    private TailListener open() {
        return tail.open(EventFilter.of(Map.of())).orElseThrow();
    }

    private void show(int events, String message) {
        RowEncoder encoder = encoders.get();
        encoder.begin(delivery());
        for (int i = 0; i < events; i++) {
            frame(encoder, "shop", 3, message);
        }
        encoder.seal();
    }

    /** Shown, or told as lost. */
    private static long seen(String lines) {
        return lines.lines()
                .mapToLong(line -> line.contains("lost") ? Long.parseLong(line.replaceAll("\\D", "")) : 1)
                .sum();
    }

    private void frame(RowEncoder encoder, String app, int severity, String message) {
        encoder.beginFrame();
        event(encoder, app, severity, message);
    }

    private void event(RowEncoder encoder, String app, int severity, String message) {
        event.reset(1);
        event.severity(severity);
        event.app().set(app.getBytes(UTF_8));
        event.message().set(message.getBytes(UTF_8));
        encoder.event(event);
    }

    private static Delivery delivery() {
        return new Delivery(ORIGIN, 1, 1, 1, Delivery.NO_ACK);
    }

    private static String text(TailListener listener) {
        return new String(listener.take(), UTF_8);
    }
}
