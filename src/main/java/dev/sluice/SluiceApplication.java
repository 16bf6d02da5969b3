package dev.sluice;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import reactor.core.publisher.Hooks;

/** Starts the service. */
@SpringBootApplication(proxyBeanMethods = false)
@EnableConfigurationProperties(SluiceProperties.class)
public class SluiceApplication {

    private static final Logger LOG = LoggerFactory.getLogger(SluiceApplication.class);
    private static final AtomicReference<PipelineLifecycle> LIFECYCLE = new AtomicReference<>();

    /** Starts the service; after SIGTERM the exit status is 0 when everything that was read is stored. */
    public static void main(String[] args) throws IOException {
        if (DryRun.isAskedFor(args)) {
            System.exit(
                    DryRun.run(args, new FileInputStream(FileDescriptor.in), new FileOutputStream(FileDescriptor.out)));
        }
        // What fails on a connection that was closed under it is known to its lane; the driver has nobody to tell.
        Hooks.onErrorDropped(error -> LOG.debug("An error came after its receiver had gone", error));
        // A start that waits for the database holds the lock that Spring's own shutdown needs.
        Thread starting = Thread.currentThread();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            if (LIFECYCLE.get() == null) {
                starting.interrupt();
            }
        }));
        // The JVM's own status after SIGTERM is 143 whatever happened; the last handler of the shutdown decides.
        SpringApplication.getShutdownHandlers().add(SluiceApplication::exit);
        LIFECYCLE.set(SpringApplication.run(SluiceApplication.class, args).getBean(PipelineLifecycle.class));
    }

    private static void exit() {
        PipelineLifecycle lifecycle = LIFECYCLE.get();
        if (lifecycle != null) {
            Runtime.getRuntime().halt(lifecycle.isEverythingStored() ? 0 : 1);
        }
    }
}
