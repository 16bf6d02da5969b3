package dev.sluice;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.core.util.Duration;
import de.siegmar.logbackgelf.GelfTcpAppender;
import dev.sluice.testing.Await;
import dev.sluice.testing.PostgresExtension;
import java.util.Map;
import java.util.stream.IntStream;
import net.logstash.logback.appender.LogstashTcpSocketAppender;
import net.logstash.logback.encoder.LogstashEncoder;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.ThreadContext;
import org.apache.logging.log4j.core.config.builder.api.ConfigurationBuilder;
import org.apache.logging.log4j.core.config.builder.api.ConfigurationBuilderFactory;
import org.apache.logging.log4j.core.config.builder.api.LayoutComponentBuilder;
import org.apache.logging.log4j.core.config.builder.impl.BuiltConfiguration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.slf4j.MDC;

/** What Java's usual loggers send is stored exactly once, with its parts where a user looks for them. */
class ShippersIT {

    private static final int EVENTS = 10_000;
    private static final java.time.Duration LIMIT = java.time.Duration.ofMinutes(1);
    private static final String LOGGER = "shop.Checkout";
    private static final String TEXT = "größe \"{}\"";

    /** In the middle, with an exception. */
    private static final int SAMPLE = 4711;

    private static final Exception FAILURE = new IllegalStateException("sold out");

    @RegisterExtension
    static final PostgresExtension POSTGRES = PostgresExtension.shared();

    @BeforeEach
    void empty() {
        POSTGRES.execute("truncate log_event, dead_letter, ingest_batch, ingest_delivery");
    }

    @Test
    void logbackWithLogstashEncoder() {
        try (RunningSluice sluice = RunningSluice.on(POSTGRES);
                MDC.MDCCloseable _ = MDC.putCloseable("user", "ada")) {
            LoggerContext context = new LoggerContext();
            context.setMDCAdapter(MDC.getMDCAdapter());
            LogstashTcpSocketAppender appender = logstash(context, sluice.port());
            context.getLogger(LOGGER).addAppender(appender);
            var logger = context.getLogger(LOGGER);
            IntStream.range(0, EVENTS).forEach(i -> logger.warn(TEXT, i, i == SAMPLE ? FAILURE : null));
            context.stop();
            assertStored();
        }
        assertThat(sample("attributes->>'user' as mdc, attributes->>'stack_trace' as trace"))
                .containsEntry("severity", 4)
                .containsEntry("app", LOGGER)
                .containsEntry("proc_id", Thread.currentThread().getName())
                .containsEntry("mdc", "ada")
                .hasEntrySatisfying("trace", ShippersIT::assertTrace);
    }

    /** Over its pool of connections; a field of its own begins with an underscore. */
    @Test
    void logbackWithGelf() {
        try (RunningSluice sluice = RunningSluice.on(POSTGRES);
                MDC.MDCCloseable _ = MDC.putCloseable("user", "ada")) {
            LoggerContext context = new LoggerContext();
            context.setMDCAdapter(MDC.getMDCAdapter());
            GelfTcpAppender appender = new GelfTcpAppender();
            appender.setContext(context);
            appender.setGraylogHost("127.0.0.1");
            appender.setGraylogPort(sluice.port());
            appender.start();
            context.getLogger(LOGGER).addAppender(appender);
            var logger = context.getLogger(LOGGER);
            IntStream.range(0, EVENTS).forEach(i -> logger.warn(TEXT, i, i == SAMPLE ? FAILURE : null));
            context.stop();
            assertStored();
            assertThat(sluice.labelled("sluice.events.received")).contains("gelf)]=" + EVENTS);
        }
        assertThat(sample("attributes->>'_user' as mdc, attributes->>'full_message' as full"))
                .containsEntry("severity", 4)
                .containsEntry("mdc", "ada")
                .containsEntry("app", LOGGER)
                .hasEntrySatisfying("host", host -> assertThat((String) host).isNotBlank())
                .hasEntrySatisfying("full", full -> assertThat((String) full).contains("sold out"));
    }

    /** Its template puts the thread context into the event itself, flat. */
    @Test
    void log4jWithEcsLayout() {
        log4j(configuration -> configuration
                .newLayout("JsonTemplateLayout")
                .addAttribute("eventTemplateUri", "classpath:EcsLayout.json")
                .addAttribute("eventDelimiter", "\n"));
        assertThat(sample("attributes->>'user' as mdc, attributes->>'error.stack_trace' as trace"))
                .containsEntry("severity", 4)
                .containsEntry("app", LOGGER)
                .containsEntry("proc_id", Thread.currentThread().getName())
                .containsEntry("mdc", "ada")
                .hasEntrySatisfying("trace", ShippersIT::assertTrace);
    }

    @Test
    void log4jWithRfc5424Layout() {
        log4j(configuration -> configuration
                .newLayout("Rfc5424Layout")
                .addAttribute("appName", "shop")
                .addAttribute("messageId", "order")
                .addAttribute("facility", "LOCAL3")
                .addAttribute("newLine", true)
                .addAttribute("newLineEscape", "\\n"));
        assertThat(sample("attributes->'mdc@32473'->>'user' as mdc"))
                .containsEntry("severity", 4)
                .containsEntry("facility", 19)
                .containsEntry("app", "shop")
                .containsEntry("proc_id", Long.toString(ProcessHandle.current().pid()))
                .containsEntry("msg_id", "order")
                .containsEntry("mdc", "ada")
                .hasEntrySatisfying("host", host -> assertThat((String) host).isNotBlank());
    }

    /** It drops events when its ring is full, so the ring holds them all. */
    private static LogstashTcpSocketAppender logstash(LoggerContext context, int port) {
        LogstashEncoder encoder = new LogstashEncoder();
        encoder.setContext(context);
        LogstashTcpSocketAppender appender = new LogstashTcpSocketAppender();
        appender.setContext(context);
        appender.addDestination("127.0.0.1:" + port);
        appender.setEncoder(encoder);
        appender.setRingBufferSize(16_384);
        appender.setShutdownGracePeriod(Duration.buildByMinutes(1));
        appender.start();
        return appender;
    }

    private static void log4j(Layout layout) {
        try (RunningSluice sluice = RunningSluice.on(POSTGRES);
                var context = new org.apache.logging.log4j.core.LoggerContext("shipper")) {
            ThreadContext.put("user", "ada");
            var configuration = ConfigurationBuilderFactory.newConfigurationBuilder();
            configuration
                    .setShutdownHook("disable")
                    .add(configuration
                            .newAppender("sluice", "Socket")
                            .addAttribute("host", "127.0.0.1")
                            .addAttribute("port", sluice.port())
                            .addAttribute("ignoreExceptions", false)
                            .add(layout.in(configuration)))
                    .add(configuration.newRootLogger(Level.INFO).add(configuration.newAppenderRef("sluice")));
            context.start(configuration.build(false));
            var logger = context.getLogger(LOGGER);
            IntStream.range(0, EVENTS).forEach(i -> logger.warn(TEXT, i, i == SAMPLE ? FAILURE : null));
            context.stop();
            assertStored();
        } finally {
            ThreadContext.remove("user");
        }
    }

    /** All of them once, none refused, each at the time that its shipper gave. */
    private static void assertStored() {
        Await.until("all are stored", LIMIT, () -> POSTGRES.count("log_event") >= EVENTS);
        assertThat(POSTGRES.count("log_event")).isEqualTo(EVENTS);
        assertThat(POSTGRES.count("(select distinct substring(message from '\"(\\d+)\"') from log_event) ids"))
                .isEqualTo(EVENTS);
        assertThat(POSTGRES.count("dead_letter")).isZero();
        assertThat(POSTGRES.count("log_event where event_at > received_at")).isZero();
        assertThat(POSTGRES.count("log_event where event_at < received_at")).isPositive();
        assertThat(POSTGRES.count("log_event where event_at < received_at - interval '5 minutes'"))
                .isZero();
    }

    private static Map<String, Object> sample(String more) {
        var rows = POSTGRES.rows(
                "select severity, facility, host, app, proc_id, msg_id, message, " + more
                        + " from log_event where message like ?",
                "größe \"" + SAMPLE + "\"%");
        assertThat(rows).hasSize(1);
        return rows.getFirst();
    }

    private static void assertTrace(Object trace) {
        assertThat((String) trace)
                .startsWith("java.lang.IllegalStateException: sold out\n\tat " + ShippersIT.class.getName());
    }

    private interface Layout {
        LayoutComponentBuilder in(ConfigurationBuilder<BuiltConfiguration> configuration);
    }
}
