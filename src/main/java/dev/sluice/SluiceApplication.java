package dev.sluice;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicReference;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.EnableConfigurationProperties;

/** Starts the service. */
@SpringBootApplication(proxyBeanMethods = false)
@EnableConfigurationProperties(SluiceProperties.class)
public class SluiceApplication {

    private static final AtomicReference<PipelineLifecycle> LIFECYCLE = new AtomicReference<>();

    /** Starts the service; after SIGTERM the exit status is 0 when everything that was read is stored. */
    public static void main(String[] args) throws IOException {
        if (DryRun.isAskedFor(args)) {
            System.exit(
                    DryRun.run(args, new FileInputStream(FileDescriptor.in), new FileOutputStream(FileDescriptor.out)));
        }
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
