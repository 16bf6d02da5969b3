package dev.sluice.dryrun;

import dev.sluice.config.ListenerFraming;
import dev.sluice.config.ListenerProperties;
import dev.sluice.config.SluiceProperties;
import dev.sluice.config.UnknownProperties;
import dev.sluice.config.WorkerRules;
import dev.sluice.event.Delivery;
import dev.sluice.event.FirstBytes;
import dev.sluice.event.FrameBatch;
import dev.sluice.event.FrameLength;
import dev.sluice.event.Framer;
import dev.sluice.event.Origin;
import dev.sluice.event.Protocol;
import dev.sluice.event.ProtocolDetector;
import dev.sluice.event.RuleSet;
import dev.sluice.listen.intake.Framing;
import dev.sluice.process.FrameBatchProcessor;
import dev.sluice.protocol.Protocols;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
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
public final class DryRun {

    private static final Logger LOG = LoggerFactory.getLogger(DryRun.class);

    static final int NO_DEAD_LETTERS = 0;
    static final int WRONG = 1;
    static final int DEAD_LETTERS = 2;

    private static final String PROPERTY = "sluice.dry-run";
    private static final String SOURCE = "127.0.0.1";
    private static final int READ_BYTES = 64 * 1024;

    private final Framing framing;
    private final String listener;
    private final DryRunPrinter printer;
    private final FrameBatchProcessor processor;
    private final Framer.Frame frame = new Framer.Frame();
    private final ProtocolDetector detector;
    private @Nullable Framer framer;
    private Protocol protocol = Protocol.SYSLOG;

    private DryRun(String listener, Framing framing, Protocols protocols, DryRunPrinter printer) {
        this.listener = listener;
        this.framing = framing;
        detector = framing.detector();
        this.printer = printer;
        processor = new FrameBatchProcessor(protocols::decoder, printer.rules(), (rows, nanos) -> {});
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
        int size = 0;
        int read = 0;
        while (read >= 0) {
            size += read;
            int at = frames(bytes, size, false);
            System.arraycopy(bytes, at, bytes, 0, size - at);
            size -= at;
            if (bytes.length - size < READ_BYTES / 2) {
                bytes = Arrays.copyOf(bytes, 2 * bytes.length);
            }
            read = input.read(bytes, size, bytes.length - size);
        }
        frames(bytes, size, true);
    }

    /** Processes the frames of {@code bytes[0, to)}; returns where the first incomplete one begins. */
    private int frames(byte[] bytes, int to, boolean last) throws IOException {
        Framer known = framer == null ? detect(bytes, to, last) : framer;
        int at = 0;
        while (known != null && at < to) {
            Framer.Found found = last ? known.last(bytes, at, to, frame) : known.next(bytes, at, to, frame);
            switch (found) {
                case FRAME, REJECTED -> {
                    byte[] array = frame.arrayOr(bytes);
                    process(Arrays.copyOfRange(array, frame.from(), frame.to()), found == Framer.Found.REJECTED);
                }
                case MALFORMED -> throw new IOException("the input is not what its first bytes promised: " + protocol);
                case SKIPPED, DISCARDED, GOODBYE -> {
                    // nothing to process
                }
                case INCOMPLETE -> {
                    return at;
                }
                case NO_ROOM -> {
                    frame.grant();
                    continue;
                }
            }
            at = frame.next();
        }
        return at;
    }

    private @Nullable Framer detect(byte[] bytes, int to, boolean last) throws IOException {
        FirstBytes first = framing.firstBytes(bytes, 0, to);
        if (first.isForeign()) {
            throw new IOException("the input is no shipper's: it begins as that of a client of " + first);
        }
        if (first == FirstBytes.UNDECIDED && !last) {
            return null;
        }
        Protocol detected = to == 0 ? null : detector.detect(bytes, 0, to, last);
        if (detected != null || last) {
            protocol = detected == null ? protocol : detected;
            framer = framing.framer(protocol);
        }
        return framer;
    }

    /** As the workers do it, but with one frame in each batch. */
    private void process(byte[] payload, boolean rejected) throws IOException {
        long now = ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
        Origin origin = Origin.of(listener, SOURCE, protocol);
        Delivery delivery = new Delivery(origin, now, System.nanoTime(), rejected ? 0 : 1, Delivery.NO_ACK);
        List<FrameBatch.Reject> rejects =
                rejected ? List.of(new FrameBatch.Reject(delivery, frame.reason(), payload)) : List.of();
        byte[] framed = new byte[FrameLength.size(payload.length) + payload.length];
        int start = FrameLength.write(framed, 0, payload.length);
        System.arraycopy(payload, 0, framed, start, payload.length);
        processor.process(new FrameBatch(framed, List.of(delivery), rejects, 0, RuleSet.NONE));
        printer.print();
    }
}
