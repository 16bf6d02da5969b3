package dev.sluice.testing;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.util.List;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.slf4j.LoggerFactory;

/** What a class, or a package, logs during a test. */
public final class LogLines implements BeforeEachCallback, AfterEachCallback {

    private final Logger log;
    private final ListAppender<ILoggingEvent> appender = new ListAppender<>();

    public LogLines(Class<?> of) {
        this(of.getName());
    }

    public LogLines(String logger) {
        log = (Logger) LoggerFactory.getLogger(logger);
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        appender.list.clear();
        appender.start();
        log.setLevel(Level.INFO); // whatever another test made of the log
        log.addAppender(appender);
    }

    @Override
    public void afterEach(ExtensionContext context) {
        log.detachAppender(appender);
        log.setLevel(null);
    }

    /** The lines so far. */
    public List<ILoggingEvent> list() {
        synchronized (appender) { // as it appends
            return List.copyOf(appender.list);
        }
    }

    /** Forgets the lines so far. */
    public void clear() {
        synchronized (appender) {
            appender.list.clear();
        }
    }
}
