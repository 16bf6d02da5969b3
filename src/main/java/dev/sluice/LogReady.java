package dev.sluice;

import ch.qos.logback.classic.LoggerContext;
import java.util.function.Consumer;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.event.ApplicationEnvironmentPreparedEvent;
import org.springframework.boot.context.logging.LoggingApplicationListener;
import org.springframework.context.ApplicationListener;
import org.springframework.core.Ordered;

/** Runs when Spring has set the log up: what was added to it before is forgotten then. */
record LogReady(Consumer<LoggerContext> then)
        implements ApplicationListener<ApplicationEnvironmentPreparedEvent>, Ordered {

    @Override
    public int getOrder() {
        return LoggingApplicationListener.DEFAULT_ORDER + 1;
    }

    @Override
    public void onApplicationEvent(ApplicationEnvironmentPreparedEvent event) {
        then.accept((LoggerContext) LoggerFactory.getILoggerFactory());
    }
}
