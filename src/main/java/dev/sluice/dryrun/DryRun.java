package dev.sluice.dryrun;

import dev.sluice.config.ListenerFraming;
import dev.sluice.config.ListenerProperties;
import dev.sluice.config.SluiceProperties;
import dev.sluice.config.UnknownProperties;
import dev.sluice.config.WorkerRules;
import dev.sluice.event.Delivery;
import dev.sluice.event.FirstBytes;
import dev.sluice.event.Origin;
import dev.sluice.event.Protocol;
import dev.sluice.event.Reply;
import dev.sluice.event.RuleSet;
import dev.sluice.listen.intake.FrameAssembler;
import dev.sluice.listen.intake.FrameSink;
import dev.sluice.listen.intake.FramedRead;
import dev.sluice.listen.intake.Framing;
import dev.sluice.listen.intake.FramingState;
import dev.sluice.listen.report.ListenObserver.Discard;
import dev.sluice.process.FrameBatchProcessor;
import dev.sluice.protocol.Protocols;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.SimpleCommandLinePropertySource;

/**
 * Shows what would be stored of the standard input, without a database and without ports: the input is framed and
 * decoded as one connection of a listener's, goes through the rules, and each event is printed as a line of JSON.
 */
public final class DryRun implements FrameSink {

    private static final Logger LOG = LoggerFactory.getLogger(DryRun.class);

    static final int NO_DEAD_LETTERS = 0;
    static final int WRONG = 1;
    static final int DEAD_LETTERS = 2;

    private static final String PROPERTY = "sluice.dry-run";
    private static final String SOURCE = "127.0.0.1";
    private static final int READ_BYTES = 64 * 1024;

    private final DryRunPrinter printer;
    private final FrameBatchProcessor processor;
    private final FrameAssembler frames;
    private FirstBytes foreign = FirstBytes.UNDECIDED;

    private DryRun(String listener, Framing framing, Protocols protocols, DryRunPrinter printer) {
        this.printer = printer;
        processor = new FrameBatchProcessor(protocols::decoder, printer::rules, (rows, nanos) -> {});
        frames = new FrameAssembler(framing, Origin.of(listener, SOURCE, Protocol.SYSLOG), this);
    }

    /** The configuration without any stage; no component, so that the service does not find it. */
    @EnableConfigurationProperties(SluiceProperties.class)
    static class Settings {

        @Bean
        WorkerRules workerRules(ConfigurableEnvironment environment, SluiceProperties properties) {
            return WorkerRules.of(environment, properties);
        }
    }

    /** Whether the command line has {@code --sluice.dry-run}. */
    public static boolean isAskedFor(String[] args) {
        SimpleCommandLinePropertySource line = new SimpleCommandLinePropertySource(args);
        return line.containsProperty(PROPERTY) && !"false".equals(line.getProperty(PROPERTY));
    }

    /** Prints what becomes of the input; returns the exit status. */
    public static int run(String[] args, InputStream input, OutputStream output) throws IOException {
        SpringApplication application = new SpringApplication(Settings.class);
        application.setWebApplicationType(WebApplicationType.NONE);
        // Another one starts a database.
        application.setInitializers(List.of(new UnknownProperties()));
        application.setRegisterShutdownHook(false);
        application.setDefaultProperties(Map.of("logging.level.root", "error"));
        try (ConfigurableApplicationContext context = application.run(args);
                OutputStream lines = new BufferedOutputStream(output)) {
            SluiceProperties properties = context.getBean(SluiceProperties.class);
            Protocols protocols = properties.protocols();
            String named = new SimpleCommandLinePropertySource(args).getProperty(PROPERTY);
            String listener = listener(properties, named == null ? "" : named);
            ListenerProperties settings = properties.listeners().get(listener);
            if (settings == null) {
                LOG.error(
                        "--{} is {}, expected one of {}",
                        PROPERTY,
                        named,
                        String.join(", ", properties.listeners().keySet()));
                return WRONG;
            }
            DryRunPrinter printer = new DryRunPrinter(context.getBean(WorkerRules.class), lines);
            new DryRun(listener, new ListenerFraming(settings, protocols), protocols, printer).read(input);
            return printer.deadLetters() == 0 ? NO_DEAD_LETTERS : DEAD_LETTERS;
        }
    }

    private static String listener(SluiceProperties properties, String named) {
        boolean none = named.isEmpty() || named.equals("true");
        return none && !properties.listeners().containsKey("main")
                ? properties.listeners().keySet().stream().sorted().findFirst().orElse("main")
                : none ? "main" : named;
    }

    private void read(InputStream input) throws IOException {
        byte[] bytes = new byte[READ_BYTES];
        try {
            for (int read = input.read(bytes); read >= 0; read = input.read(bytes)) {
                frames.read(bytes, read, System.nanoTime());
                refuseForeign();
            }
            frames.end();
            refuseForeign();
        } catch (UncheckedIOException failed) {
            throw failed.getCause();
        }
    }

    private void refuseForeign() throws IOException {
        if (foreign.isForeign()) {
            throw new IOException("the input is no shipper's: it begins as that of a client of " + foreign);
        }
        if (frames.state() == FramingState.MALFORMED || frames.state() == FramingState.REFUSED) {
            throw new IOException("the input is not what its first bytes promised: "
                    + frames.origin().protocol());
        }
    }

    /** One by one, so that the lines come in the order of the input. */
    @Override
    public int framesMax() {
        return 1;
    }

    @Override
    public void deliver(FramedRead read, Origin origin, long readNanos, long receivedAtMicros) {
        Delivery delivery = new Delivery(origin, receivedAtMicros, readNanos, read.frames(), Delivery.NO_ACK);
        processor.process(read.batch(delivery, RuleSet.NONE));
        try {
            printer.print();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    @Override
    public void reply(Protocol protocol, Reply reply) {
        // nobody waits for it
    }

    @Override
    public void foreign(Origin origin, FirstBytes client) {
        foreign = client;
    }

    @Override
    public void discarded(Origin origin, Discard why, int bytes) {
        LOG.error("{} bytes come to nothing: {}", bytes, why);
    }

    @Override
    public boolean hasRoom(int bytes) {
        return true;
    }
}
