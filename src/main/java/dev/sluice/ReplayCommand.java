package dev.sluice;

import static java.util.Objects.requireNonNull;

import dev.sluice.config.DatabaseAddress;
import dev.sluice.config.DatabaseOptions;
import dev.sluice.config.ListenerProperties;
import dev.sluice.config.SluiceProperties;
import dev.sluice.config.StartupException;
import dev.sluice.config.UnknownProperties;
import dev.sluice.config.WorkerRules;
import dev.sluice.event.RuleSet;
import dev.sluice.replay.Replay;
import dev.sluice.replay.ReplayException;
import dev.sluice.replay.ReplayPrinter;
import dev.sluice.replay.ReplayReport;
import dev.sluice.replay.ReplayRequest;
import dev.sluice.rule.RuleObserver;
import dev.sluice.store.ReplayMemory;
import dev.sluice.store.ReplayStore;
import dev.sluice.store.database.DatabaseHosts;
import dev.sluice.store.schema.SchemaMigration;
import dev.sluice.store.schema.SchemaMigrationException;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.r2dbc.autoconfigure.R2dbcAutoConfiguration;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;
import reactor.netty.resources.LoopResources;

/**
 * {@code java -jar sluice.jar replay}: dead letters come back. It has the configuration and the database of the service
 * and nothing else of it, and may run beside it.
 */
final class ReplayCommand {

    static final int DONE = 0;
    static final int WRONG = 1;
    static final int SOME_STAY = 2;

    private static final String NAME = "replay";
    private static final String APPLY = "apply";

    private ReplayCommand() {}

    /** The configuration and the way to the database; no component, so that the service does not find it. */
    @EnableConfigurationProperties(SluiceProperties.class)
    @ImportAutoConfiguration(R2dbcAutoConfiguration.class)
    @Import(DatabaseConfiguration.class)
    static class Settings {

        @Bean
        WorkerRules workerRules(ConfigurableEnvironment environment, SluiceProperties properties) {
            return WorkerRules.of(environment, properties);
        }
    }

    /** Whether the first word of the command line is {@code replay}. */
    static boolean isAskedFor(String[] args) {
        return args.length > 0 && args[0].equals(NAME);
    }

    /** Replays, or shows what would be replayed; returns the exit status. */
    static int run(String[] args, OutputStream output) throws IOException, InterruptedException {
        ReplayPrinter printer = new ReplayPrinter(output);
        Map<String, String> written = new LinkedHashMap<>();
        List<String> properties = new ArrayList<>();
        boolean apply;
        ReplayRequest request;
        try {
            divide(args, written, properties);
            apply = "true".equals(written.remove(APPLY));
            request = ReplayRequest.of(written);
        } catch (IllegalArgumentException mistake) {
            printer.line("replay: " + mistake.getMessage());
            return WRONG;
        }
        SpringApplication application = new SpringApplication(Settings.class);
        application.setWebApplicationType(WebApplicationType.NONE);
        application.setInitializers(List.of(new UnknownProperties(), new DatabaseAddress(), new DatabaseIsThere()));
        application.setRegisterShutdownHook(false);
        application.setDefaultProperties(Map.of("logging.level.root", "warn"));
        try (ConfigurableApplicationContext context = application.run(properties.toArray(String[]::new))) {
            return replay(context, request, apply, printer);
        }
    }

    /** What has a point in its name is a property; the rest says which dead letters. */
    private static void divide(String[] args, Map<String, String> written, List<String> properties) {
        for (int i = 1; i < args.length; i++) {
            String arg = args[i];
            int equals = arg.indexOf('=') < 0 ? arg.length() : arg.indexOf('=');
            if (!arg.startsWith("--")) {
                throw new IllegalArgumentException("\"" + arg + "\" is not understood; options begin with --");
            }
            String name = arg.substring(2, equals);
            if (name.indexOf('.') >= 0) {
                properties.add(arg);
            } else {
                String value = equals == arg.length() ? "" : arg.substring(equals + 1);
                boolean isFlag = name.equals(APPLY);
                if (isFlag && !value.isEmpty()) {
                    throw new IllegalArgumentException(APPLY + " takes no value");
                }
                if (written.put(name, isFlag ? "true" : value) != null) {
                    throw new IllegalArgumentException(name + " is there twice");
                }
            }
        }
    }

    private static int replay(
            ConfigurableApplicationContext context, ReplayRequest request, boolean apply, ReplayPrinter printer)
            throws IOException, InterruptedException {
        SluiceProperties properties = context.getBean(SluiceProperties.class);
        DatabaseOptions options = context.getBean(DatabaseOptions.class);
        DatabaseHosts hosts = context.getBean(DatabaseHosts.class);
        try {
            context.getBean(SchemaMigration.class).run();
        } catch (SchemaMigrationException refused) {
            printer.line("replay: " + refused.getMessage());
            return WRONG;
        }
        LoopResources loops = LoopResources.create("sluice-replay", 1, 1, true, false);
        try {
            ReplayStore store = new ReplayStore(
                    options.ownersHosts(hosts),
                    loops,
                    SluiceConfiguration.settings(properties.store()),
                    ReplayMemory.ALL);
            RuleSet rules = context.getBean(WorkerRules.class).reportingTo(RuleObserver.NONE);
            Replay replay = new Replay(
                    store, properties.protocols(), () -> rules, name -> frameMax(properties, name), applied -> {});
            return print(replay, request, apply, printer);
        } finally {
            loops.dispose();
        }
    }

    private static int print(Replay replay, ReplayRequest request, boolean apply, ReplayPrinter printer)
            throws IOException, InterruptedException {
        try {
            ReplayReport report = requireNonNull(
                    replay.run(request, apply, () -> false).toFuture().get());
            printer.print(report);
            return report.staying() == 0 ? DONE : SOME_STAY;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof ReplayException broken) {
                printer.print(broken.report());
                printer.line("replay: it ended before its end; what stands above is done: " + broken.getMessage());
                return WRONG;
            }
            throw new IllegalStateException(e.getCause());
        }
    }

    static long frameMax(SluiceProperties properties, String listener) {
        ListenerProperties settings = properties.listeners().get(listener);
        return settings == null ? 0 : settings.maxFrame().toBytes();
    }

    /** No database is started for a command, and no table is made or changed. */
    private static final class DatabaseIsThere
            implements ApplicationContextInitializer<ConfigurableApplicationContext> {

        @Override
        public void initialize(ConfigurableApplicationContext context) {
            ConfigurableEnvironment environment = context.getEnvironment();
            if (!environment.containsProperty("spring.r2dbc.url")) {
                throw new StartupException(
                        "No database is configured.",
                        "Set spring.r2dbc.url (SPRING_R2DBC_URL); a development run says at its start where its own is.");
            }
            environment
                    .getPropertySources()
                    .addFirst(new MapPropertySource(NAME, Map.of("sluice.store.migrate", "false")));
        }
    }
}
