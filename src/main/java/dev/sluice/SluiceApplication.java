package dev.sluice;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.config.SluiceProperties;
import dev.sluice.dryrun.DryRun;
import dev.sluice.exit.FatalErrors;
import dev.sluice.exit.ProcessExit;
import dev.sluice.log.SafeLog;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.autoconfigure.aop.AopAutoConfiguration;
import org.springframework.boot.autoconfigure.task.TaskExecutionAutoConfiguration;
import org.springframework.boot.autoconfigure.task.TaskSchedulingAutoConfiguration;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.persistence.autoconfigure.PersistenceExceptionTranslationAutoConfiguration;
import org.springframework.boot.r2dbc.autoconfigure.R2dbcInitializationAutoConfiguration;
import org.springframework.boot.r2dbc.autoconfigure.R2dbcTransactionManagerAutoConfiguration;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.boot.transaction.autoconfigure.TransactionManagerCustomizationAutoConfiguration;
import org.springframework.boot.webflux.autoconfigure.ReactiveMultipartAutoConfiguration;
import org.springframework.boot.webflux.autoconfigure.WebSessionIdResolverAutoConfiguration;

/** Starts the service. What is excluded would cost a sixth of the start and serve nothing here. */
@SpringBootApplication(
        proxyBeanMethods = false,
        exclude = {
            AopAutoConfiguration.class,
            PersistenceExceptionTranslationAutoConfiguration.class,
            R2dbcInitializationAutoConfiguration.class,
            R2dbcTransactionManagerAutoConfiguration.class,
            ReactiveMultipartAutoConfiguration.class,
            TaskExecutionAutoConfiguration.class,
            TaskSchedulingAutoConfiguration.class,
            TransactionAutoConfiguration.class,
            TransactionManagerCustomizationAutoConfiguration.class,
            WebSessionIdResolverAutoConfiguration.class
        })
@EnableConfigurationProperties(SluiceProperties.class)
public class SluiceApplication {

    private static final String CHUNK_SIZE = "io.netty.allocator.maxOrder";
    private static final String CHUNK_OF_A_MEGABYTE = "7";
    private static final AtomicReference<PipelineLifecycle> LIFECYCLE = new AtomicReference<>();

    /**
     * Starts the service, or prints what {@link Usage} says; after SIGTERM the exit status is 0 when everything that
     * was read is stored.
     */
    public static void main(String[] args) throws IOException, InterruptedException {
        OutputStream output = new FileOutputStream(FileDescriptor.out);
        Optional<String> usage = Usage.of(args);
        if (usage.isPresent()) {
            output.write(usage.get().getBytes(UTF_8));
            return;
        }
        if (DryRun.isAskedFor(args)) {
            System.exit(DryRun.run(args, new FileInputStream(FileDescriptor.in), output));
        }
        if (ReplayCommand.isAskedFor(args)) {
            System.exit(ReplayCommand.run(args, output));
        }
        takeSmallChunks();
        FatalErrors errors = new FatalErrors(ProcessExit.ofThisProcess());
        errors.install();
        // A start that waits for the database holds the lock that Spring's own shutdown needs.
        Runtime.getRuntime().addShutdownHook(new Thread(StoppableStart.OF_THIS_PROCESS::stop));
        // The JVM's own status after SIGTERM is 143 whatever happened; the last handler of the shutdown decides.
        SpringApplication.getShutdownHandlers().add(SluiceApplication::exit);
        SpringApplication application = new SpringApplication(SluiceApplication.class);
        application.addListeners(new LogReady(errors::watch), new LogReady(SafeLog::install));
        LIFECYCLE.set(application.run(args).getBean(PipelineLifecycle.class));
    }

    /**
     * Netty takes direct memory in chunks of 4 MB, some for each of its threads; no buffer here is larger than 64 KB.
     * It reads the property when its allocator is made, so this comes before anything of Netty.
     */
    private static void takeSmallChunks() {
        if (System.getProperty(CHUNK_SIZE) == null) {
            System.setProperty(CHUNK_SIZE, CHUNK_OF_A_MEGABYTE);
        }
    }

    private static void exit() {
        PipelineLifecycle lifecycle = LIFECYCLE.get();
        if (lifecycle != null) {
            boolean isWell = lifecycle.isEverythingStored()
                    && !ProcessExit.ofThisProcess().hasBegun();
            Runtime.getRuntime().halt(isWell ? 0 : ProcessExit.STATUS);
        }
    }
}
