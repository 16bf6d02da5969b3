package dev.sluice;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.ConfigurableApplicationContext;

/** Starts the service. */
@SpringBootApplication(proxyBeanMethods = false)
@EnableConfigurationProperties(SluiceProperties.class)
public class SluiceApplication {

    /** Starts the service; after SIGTERM the exit status is 0 when everything that was read is stored. */
    public static void main(String[] args) {
        ConfigurableApplicationContext context = SpringApplication.run(SluiceApplication.class, args);
        PipelineLifecycle lifecycle = context.getBean(PipelineLifecycle.class);
        // The JVM's own status after SIGTERM is 143 whatever happened; the last handler of the shutdown decides.
        SpringApplication.getShutdownHandlers()
                .add(() -> Runtime.getRuntime().halt(lifecycle.isEverythingStored() ? 0 : 1));
    }
}
