package dev.sluice;

import dev.sluice.admin.BrowserRules;
import dev.sluice.admin.BuildVersion;
import dev.sluice.admin.ContentAccess;
import dev.sluice.admin.ContentEndpoint;
import dev.sluice.admin.DeadLetters;
import dev.sluice.admin.PagePort;
import dev.sluice.admin.PageRoutes;
import dev.sluice.admin.TailStream;
import dev.sluice.admin.status.StatusReader;
import dev.sluice.admin.status.StatusStream;
import dev.sluice.config.AdminProperties;
import dev.sluice.config.RulesInForce;
import dev.sluice.config.SluiceProperties;
import dev.sluice.listen.TcpListener;
import dev.sluice.metrics.PipelineMetrics;
import dev.sluice.metrics.SourceBytes;
import dev.sluice.store.EventStore;
import dev.sluice.store.database.DatabaseHosts;
import dev.sluice.store.database.TableLayout;
import dev.sluice.store.schema.PartitionKeeper;
import dev.sluice.tail.Tail;
import io.micrometer.core.instrument.MeterRegistry;
import io.r2dbc.spi.ConnectionFactory;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.ApplicationListener;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.core.env.Environment;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.scheduler.Schedulers;
import tools.jackson.databind.json.JsonMapper;

/** The page for operators, and what is served beside it. */
@Configuration(proxyBeanMethods = false)
class PageConfiguration {

    private static final Logger LOG = LoggerFactory.getLogger(PageConfiguration.class);

    /** As often as most scrape. */
    private static final Duration TOP_SOURCES_PERIOD = Duration.ofSeconds(15);

    @Bean
    BrowserRules browserRules() {
        return new BrowserRules();
    }

    @Bean
    PagePort pagePort(SluiceProperties properties, Environment environment) {
        return new PagePort(
                switch (properties.admin().page()) {
                    case ON -> () -> port(environment, "local.server.port");
                    case OFF -> () -> null;
                    case MANAGEMENT ->
                        () -> {
                            Integer own = port(environment, "local.management.port");
                            return own == null ? port(environment, "local.server.port") : own;
                        };
                });
    }

    private static @Nullable Integer port(Environment environment, String name) {
        return environment.getProperty(name, Integer.class);
    }

    @Bean
    ContentAccess contentAccess(SluiceProperties properties, Environment environment) {
        AdminProperties admin = properties.admin();
        int management = environment.getProperty("management.server.port", Integer.class, -1);
        boolean isMoved = admin.page() == AdminProperties.Page.MANAGEMENT
                && management >= 0
                && management != environment.getProperty("server.port", Integer.class, 8080);
        return new ContentAccess(
                !admin.users().isEmpty(),
                environment.getProperty(isMoved ? "management.server.address" : "server.address", InetAddress.class));
    }

    @Bean
    ContentEndpoint deadLetters(ConnectionFactory connections, DatabaseHosts hosts) {
        return new DeadLetters(connections, hosts.home()).endpoint();
    }

    @Bean
    TailStream tailStream(Tail tail) {
        return new TailStream(tail);
    }

    @Bean
    ContentEndpoint tailEndpoint(TailStream stream) {
        return stream.endpoint();
    }

    /** Before anything stops: the server waits for its answers, and these have no end. */
    @Bean
    ApplicationListener<ContextClosedEvent> endOfStreams(StatusStream status, TailStream tail) {
        return closed -> {
            status.end();
            tail.end();
        };
    }

    @Bean
    StatusStream statusStream(
            MeterRegistry registry,
            List<TcpListener> listeners,
            EventStore store,
            StatusReader.Configured configured,
            JsonMapper json) {
        return new StatusStream(new StatusReader(registry, listeners, store, configured, json));
    }

    @Bean
    StatusReader.Configured statusConfigured(
            PartitionKeeper partitions, PipelineMetrics metrics, RulesInForce rules, SluiceProperties properties) {
        BuildVersion build = BuildVersion.ofThisProgram();
        return new StatusReader.Configured(
                build.version(),
                build.revision(),
                () -> AdminConfiguration.findings(partitions),
                metrics.sourceBytes()::top,
                rules::details,
                properties.store().retention().toDays(),
                pastRetention(properties.store()));
    }

    private static String pastRetention(SluiceProperties.Store store) {
        return store.layout() == TableLayout.EXTERNAL
                ? "external"
                : store.retentionAction().name().toLowerCase(Locale.ROOT);
    }

    @Bean
    RouterFunction<ServerResponse> pageRoutes(
            PagePort port, StatusStream status, ContentAccess access, List<ContentEndpoint> contents) {
        return PageRoutes.of(port, status, access, contents);
    }

    @Bean(destroyMethod = "dispose")
    Disposable topSources(PipelineMetrics metrics, List<TcpListener> listeners) {
        SourceBytes sources = metrics.sourceBytes();
        sources.watch(looker -> listeners.forEach(listener -> listener.look(looker)));
        return Flux.interval(TOP_SOURCES_PERIOD, Schedulers.boundedElastic())
                .onBackpressureDrop()
                .doOnNext(tick -> sources.refresh())
                .doOnError(failure -> LOG.warn("The top sources could not be refreshed", failure))
                .retry()
                .subscribe();
    }
}
