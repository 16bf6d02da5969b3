package dev.sluice;

import dev.sluice.admin.Heartbeat;
import dev.sluice.admin.HttpConnections;
import dev.sluice.admin.StoreHealthIndicator;
import dev.sluice.admin.ThreadsHealthIndicator;
import dev.sluice.config.RulesInForce;
import dev.sluice.listen.admission.AcceptPause;
import dev.sluice.listen.admission.Descriptors;
import dev.sluice.metrics.MeterDescriptions;
import dev.sluice.store.EventStore;
import dev.sluice.store.schema.PartitionKeeper;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Executor;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.actuate.info.InfoContributor;
import org.springframework.boot.reactor.netty.NettyReactiveWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import reactor.netty.resources.LoopResources;

/** What operators look at; no event passes here. */
@Configuration(proxyBeanMethods = false)
class AdminConfiguration {

    @Bean
    MeterDescriptions meterDescriptions() {
        return new MeterDescriptions();
    }

    @Bean
    StoreHealthIndicator storeHealthIndicator(EventStore store, PartitionKeeper partitions) {
        return new StoreHealthIndicator(store::haltedBy, () -> findings(partitions));
    }

    static Map<String, String> findings(PartitionKeeper partitions) {
        Map<String, String> findings = new TreeMap<>();
        partitions
                .findings()
                .forEach((finding, names) -> findings.put(finding.name().toLowerCase(Locale.ROOT), names));
        return findings;
    }

    /** Which rules are in force, and why those of a changed file are not. */
    @Bean
    InfoContributor rulesInfo(RulesInForce rules) {
        return info -> info.withDetail("rules", rules.details());
    }

    @Bean(initMethod = "start", destroyMethod = "close")
    Heartbeat heartbeat(@Qualifier("listenLoops") LoopResources loops, Pipeline.Rail rail, EventStore store) {
        Map<String, Executor> threads = new LinkedHashMap<>();
        named("listen", Heartbeat.executors(loops), threads);
        named("worker", rail.executors(), threads);
        named("lane", store.executors(), threads);
        return new Heartbeat(threads);
    }

    @Bean
    ThreadsHealthIndicator threadsHealthIndicator(Heartbeat heartbeat) {
        return new ThreadsHealthIndicator(heartbeat::stuck);
    }

    /** Of its own: a flood of requests takes one thread, and none of those that read events. */
    @Bean(destroyMethod = "dispose")
    LoopResources httpLoop() {
        return LoopResources.create("sluice-http", 1, true);
    }

    @Bean
    WebServerFactoryCustomizer<NettyReactiveWebServerFactory> boundedHttp(
            @Qualifier("httpLoop") LoopResources loop, Descriptors descriptors) {
        HttpConnections connections = new HttpConnections();
        return factory -> {
            // NettyWebServer runs on the event loops of this factory, if there is one, whatever a customizer says.
            factory.setResourceFactory(null);
            factory.addServerCustomizers(server -> server.runOn(loop)
                    .httpRequestDecoder(
                            request -> request.maxInitialLineLength(2048).maxHeaderSize(8192))
                    .doOnBound(bound -> new AcceptPause("http", descriptors, () -> {}).watch(bound))
                    .doOnChannelInit((observer, channel, address) -> connections.add(channel)));
        };
    }

    private static void named(String name, List<Executor> executors, Map<String, Executor> all) {
        for (int i = 0; i < executors.size(); i++) {
            all.put(name + "-" + (i + 1), executors.get(i));
        }
    }
}
