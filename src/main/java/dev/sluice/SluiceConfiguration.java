package dev.sluice;

import static java.util.Objects.requireNonNull;

import com.sun.management.HotSpotDiagnosticMXBean;
import dev.sluice.admin.PagePort;
import dev.sluice.config.ConnectionLimits;
import dev.sluice.config.DatabaseOptions;
import dev.sluice.config.ListenerFraming;
import dev.sluice.config.ListenerProperties;
import dev.sluice.config.ListenerTls;
import dev.sluice.config.MemoryCeiling;
import dev.sluice.config.RulesInForce;
import dev.sluice.config.SluiceProperties;
import dev.sluice.config.WorkerRules;
import dev.sluice.event.ArrayPool;
import dev.sluice.listen.ListenerSettings;
import dev.sluice.listen.TcpListener;
import dev.sluice.listen.admission.Descriptors;
import dev.sluice.listen.admission.Limits;
import dev.sluice.listen.budget.MemoryBudget;
import dev.sluice.listen.intake.Intake;
import dev.sluice.listen.tls.TlsCredentials;
import dev.sluice.metrics.ClockSteps;
import dev.sluice.metrics.PipelineMetrics;
import dev.sluice.process.FrameBatchProcessor;
import dev.sluice.protocol.Protocols;
import dev.sluice.store.EventStore;
import dev.sluice.store.StoreSettings;
import dev.sluice.store.copy.CopyRowEncoder;
import dev.sluice.store.database.DatabaseHosts;
import dev.sluice.store.schema.IndexKeeper;
import dev.sluice.store.schema.PartitionKeeper;
import dev.sluice.store.schema.SchemaMigration;
import dev.sluice.tail.Tail;
import io.micrometer.core.instrument.MeterRegistry;
import java.lang.management.ManagementFactory;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.context.MessageSource;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.scheduler.Schedulers;
import reactor.netty.resources.LoopResources;

/** Every part, in the order in which an event meets it. */
@Configuration(proxyBeanMethods = false)
class SluiceConfiguration {

    private static final Logger LOG = LoggerFactory.getLogger(SluiceConfiguration.class);

    @Bean
    MessageSource messageSource() {
        return new NoMessages();
    }

    @Bean
    ConnectionLimits connectionLimits(SluiceProperties properties, WorkerRules rules) {
        return ConnectionLimits.of(
                properties,
                eventLoops(),
                rules.laterGrowth(),
                Runtime.getRuntime().maxMemory(),
                directMemoryMax());
    }

    @Bean
    MemoryCeiling memoryCeiling(SluiceProperties properties, ConnectionLimits limits, WorkerRules rules) {
        MemoryCeiling ceiling = MemoryCeiling.of(properties, limits, eventLoops(), rules.growth());
        requireFits(ceiling);
        LOG.info("Memory ceiling: {}; connections at most: {}", ceiling, limits);
        return ceiling;
    }

    @Bean
    PipelineMetrics pipelineMetrics(MeterRegistry registry, ConnectionLimits limits, Descriptors descriptors) {
        PipelineMetrics metrics =
                new PipelineMetrics(registry, limits.byListener().keySet());
        limits.byListener().forEach((name, limit) -> metrics.limit(name, () -> Math.min(limit, descriptors.room())));
        return metrics;
    }

    /** Events are stamped by this machine's clock, so it is said when somebody sets it. */
    @Bean(destroyMethod = "dispose")
    Disposable clockSteps(MeterRegistry registry) {
        ClockSteps steps = new ClockSteps(registry, Clock.systemUTC(), System::nanoTime);
        return Flux.interval(Duration.ZERO, Duration.ofSeconds(1)).subscribe(tick -> steps.look());
    }

    @Bean(destroyMethod = "dispose")
    LoopResources listenLoops() {
        return LoopResources.create("sluice-listen", 1, eventLoops(), true);
    }

    @Bean
    Protocols protocols(SluiceProperties properties) {
        return properties.protocols();
    }

    @Bean
    MemoryBudget memoryBudget(SluiceProperties properties, PipelineMetrics metrics) {
        MemoryBudget budget = new MemoryBudget(properties.pipeline().memory().toBytes());
        metrics.watch(budget);
        return budget;
    }

    /** What lies unused takes the place of what might be in flight, so that both together stay within the budget. */
    @Bean
    ArrayPool arrayPool(MemoryBudget budget) {
        return new ArrayPool(() -> Math.min(budget.limit() / 2, budget.limit() - budget.inFlight()));
    }

    @Bean
    Intake intake(MemoryBudget budget, RulesInForce rules, ArrayPool arrays) {
        return new Intake(budget, rules, arrays);
    }

    @Bean
    List<ListenerSettings> listenerSettings(
            SluiceProperties properties, ConnectionLimits limits, SslBundles bundles, PipelineMetrics metrics) {
        return properties.listeners().entrySet().stream()
                .map(entry -> settings(
                        entry.getKey(),
                        entry.getValue(),
                        limits,
                        tls(entry.getKey(), entry.getValue(), bundles, metrics)))
                .toList();
    }

    @Bean
    List<TcpListener> listeners(
            SluiceProperties properties,
            List<ListenerSettings> settings,
            Intake intake,
            PipelineMetrics metrics,
            @Qualifier("listenLoops") LoopResources loops) {
        return settings.stream()
                .map(of -> new TcpListener(
                        of,
                        new ListenerFraming(
                                requireNonNull(properties.listeners().get(of.name())), properties.protocols()),
                        intake,
                        metrics.listening(),
                        loops))
                .toList();
    }

    @Bean
    Tail tail(PipelineMetrics metrics) {
        Tail tail = new Tail();
        metrics.watch(tail);
        return tail;
    }

    @Bean
    Pipeline.Rail rail(
            SluiceProperties properties, Protocols protocols, ArrayPool arrays, Tail tail, PipelineMetrics metrics) {
        int workers = properties.pipeline().workerCount();
        Supplier<FrameBatchProcessor> processors = () ->
                new FrameBatchProcessor(protocols::decoder, tail.before(new CopyRowEncoder(arrays)), metrics.working());
        return new Pipeline.Rail(workers, Schedulers.newParallel("sluice-rail", workers, true), processors);
    }

    @Bean
    EventStore eventStore(
            DatabaseHosts hosts,
            SluiceProperties properties,
            PartitionKeeper partitions,
            PipelineMetrics metrics,
            @Qualifier("storeLoops") LoopResources loops) {
        metrics.watch(partitions);
        EventStore store = new EventStore(hosts, loops, settings(properties.store()), metrics.storing(), partitions);
        metrics.watch(eventLoops(), properties.pipeline().workerCount(), store);
        return store;
    }

    /** As the owner of the tables, like what makes the days. */
    @Bean
    IndexKeeper indexKeeper(
            DatabaseOptions options,
            DatabaseHosts hosts,
            SluiceProperties properties,
            PipelineMetrics metrics,
            @Qualifier("storeLoops") LoopResources loops) {
        SluiceProperties.Store store = properties.store();
        IndexKeeper keeper = new IndexKeeper(
                DatabaseConfiguration.owners(options, hosts, loops),
                hosts.home(),
                store.finishedDays().settings(store.retention()),
                Clock.systemUTC());
        metrics.watch(keeper);
        return keeper;
    }

    @Bean
    Pipeline pipeline(Intake intake, Pipeline.Rail rail, EventStore store, ArrayPool arrays, PipelineMetrics metrics) {
        return new Pipeline(intake, rail, store, arrays, metrics);
    }

    @Bean
    PipelineLifecycle pipelineLifecycle(
            SluiceProperties properties,
            List<TcpListener> listeners,
            Intake intake,
            Pipeline pipeline,
            Database database) {
        return new PipelineLifecycle(properties.pipeline().drainTimeout(), listeners, intake, pipeline, database);
    }

    @Bean
    FirstSteps firstSteps(SluiceProperties properties, List<TcpListener> listeners, PagePort page) {
        return new FirstSteps(properties, listeners, page);
    }

    @Bean
    Database database(
            DatabaseOptions options,
            SchemaMigration schema,
            PartitionKeeper partitions,
            IndexKeeper indexes,
            EventStore store) {
        return new Database(options.jdbcUrl(), schema, partitions, indexes, store);
    }

    static void requireFits(MemoryCeiling ceiling) {
        ceiling.requireFits(Runtime.getRuntime().maxMemory(), directMemoryMax());
    }

    /** As the JVM sees it: as much as the heap, unless it was set. */
    private static long directMemoryMax() {
        String set = ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
                .getVMOption("MaxDirectMemorySize")
                .getValue();
        long bytes = Long.parseLong(set);
        return bytes == 0 ? Runtime.getRuntime().maxMemory() : bytes;
    }

    static int eventLoops() {
        return Math.max(2, Runtime.getRuntime().availableProcessors());
    }

    private static @Nullable TlsCredentials tls(
            String name, ListenerProperties listener, SslBundles bundles, PipelineMetrics metrics) {
        TlsCredentials tls = new ListenerTls(name, listener.tls()).of(bundles);
        if (tls != null) {
            metrics.certificate(name, tls::expiry);
        }
        return tls;
    }

    private static ListenerSettings settings(
            String name, ListenerProperties listener, ConnectionLimits connections, @Nullable TlsCredentials tls) {
        Limits limits = new Limits(
                connections.of(name),
                listener.maxConnectionsPerSource(),
                listener.allow(),
                listener.maxRate().toBytes(),
                new Limits.Times(listener.firstByteTimeout(), listener.idleTimeout(), listener.maxAge()));
        return new ListenerSettings(name, listener.host(), listener.port(), limits, listener.proxies(), tls);
    }

    static StoreSettings settings(SluiceProperties.Store store) {
        StoreSettings defaults = StoreSettings.DEFAULT;
        return new StoreSettings(
                store.lanes(),
                store.batch().maxEvents(),
                Math.toIntExact(store.batch().maxBytes().toBytes()),
                store.batchDeadline(),
                defaults.connectTimeout(),
                defaults.backoffMin(),
                defaults.backoffMax(),
                defaults.haltedRetry(),
                store.ledgerRetention());
    }
}
