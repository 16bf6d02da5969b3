package dev.sluice.log;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.ThrowableProxy;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import ch.qos.logback.core.OutputStreamAppender;
import io.r2dbc.spi.R2dbcBadGrammarException;
import java.io.ByteArrayOutputStream;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.springframework.boot.logging.StandardStackTracePrinter;

/** The text of a shipper in an error of the database, and whatever else brings it to the log. */
class SafeLogTest {

    private static final String FORGED =
            "no such level: x\r\n2026-11-27 ERROR the disk is full\u001b[2J\u0085\u2028\u202e.";
    private static final String SAFE =
            "no such level: x\\r\\n2026-11-27 ERROR the disk is full\\u001b[2J\\u0085\\u2028\\u202e.";

    private final LoggerContext log = new LoggerContext();
    private final Logger logger = log.getLogger("dev.sluice.store.LaneStatus");
    private final ByteArrayOutputStream written = new ByteArrayOutputStream();

    @Test
    void aForgedLineIsNone() {
        write("%m%n");
        logger.warn("A batch could not be stored: {}", FORGED);
        assertThat(lines()).containsExactly("A batch could not be stored: " + SAFE);
    }

    @Test
    void aMessageWithoutParametersIsNoException() {
        write("%m%n");
        logger.warn("A batch could not be stored: " + FORGED);
        assertThat(lines()).containsExactly("A batch could not be stored: " + SAFE);
    }

    @Test
    void messagesInAStackTraceAreOneLine() {
        write("%m%n%ex");
        RuntimeException cause = new R2dbcBadGrammarException(FORGED, "P0001");
        cause.addSuppressed(new IllegalStateException(FORGED));
        logger.error("broke", new IllegalArgumentException(FORGED, cause));
        assertThat(lines())
                .contains("java.lang.IllegalArgumentException: " + SAFE)
                .anyMatch(line -> line.startsWith("Caused by: ") && line.endsWith(SAFE))
                .anyMatch(line -> line.contains("Suppressed: java.lang.IllegalStateException: " + SAFE))
                .noneMatch(line -> line.startsWith("2026"));
    }

    /** They are given what was thrown, and not what the log made of it (logging.structured.json.stacktrace). */
    @Test
    void messagesAreOneLineForSpringsPrintersOfStackTraces() {
        RuntimeException cause = new R2dbcBadGrammarException(FORGED, "P0001");
        RuntimeException thrown = new IllegalArgumentException(FORGED, cause);
        thrown.addSuppressed(new IllegalStateException(FORGED));
        cause.addSuppressed(thrown);
        IThrowableProxy safe = SafeThrowable.ofNullable(new ThrowableProxy(thrown));
        assertThat(safe).isInstanceOf(ThrowableProxy.class);
        String printed =
                StandardStackTracePrinter.rootLast().printStackTraceToString(((ThrowableProxy) safe).getThrowable());
        assertThat(printed.lines())
                .contains("java.lang.IllegalArgumentException: " + SAFE)
                .anyMatch(line -> line.startsWith("Caused by: ") && line.endsWith(SAFE))
                .anyMatch(line -> line.contains("Suppressed: java.lang.IllegalStateException: " + SAFE))
                .anyMatch(line -> line.contains("at dev.sluice.log.SafeLogTest."))
                .noneMatch(line -> line.startsWith("2026"));
    }

    @Test
    void pairsAreOneLine() {
        write("%kvp %m%n");
        logger.atWarn().addKeyValue("reason", FORGED).log("said");
        assertThat(lines()).containsExactly("reason=\"" + SAFE + "\" said");
    }

    @Test
    void whyAStartFailedIsSaidInSeveralLines() {
        write("%m%n");
        log.getLogger("dev.sluice.config.StartupFailureReporter").error("one\ntwo");
        assertThat(lines()).containsExactly("one", "two");
    }

    @Test
    void ordinaryTextStaysAsItIs() {
        String text = "Grüße, a tab\there, 日本語 \uD83D\uDE00";
        assertThat(OneLine.of(text)).isSameAs(text);
    }

    private void write(String pattern) {
        log.setMDCAdapter(new LogbackMDCAdapter());
        PatternLayoutEncoder encoder = new PatternLayoutEncoder();
        encoder.setContext(log);
        encoder.setPattern(pattern);
        encoder.start();
        OutputStreamAppender<ILoggingEvent> appender = new OutputStreamAppender<>();
        appender.setContext(log);
        appender.setEncoder(encoder);
        appender.setOutputStream(written);
        appender.start();
        log.getLogger(Logger.ROOT_LOGGER_NAME).addAppender(appender);
        SafeLog.install(log);
    }

    private List<String> lines() {
        return written.toString(UTF_8).lines().toList();
    }
}
