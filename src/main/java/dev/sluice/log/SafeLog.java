package dev.sluice.log;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.UnsynchronizedAppenderBase;
import java.util.ArrayList;
import java.util.List;

/**
 * Keeps the text of shippers from forging lines of the log: an error of the database may carry it, the message of an
 * exception, the name in a certificate. Stands in front of every appender, so that no line and no stack trace needs to
 * think of it.
 */
public final class SafeLog extends UnsynchronizedAppenderBase<ILoggingEvent> {

    /** Why a start failed is said in several lines; nobody has connected by then. */
    private static final String START_FAILED = "dev.sluice.config.StartupFailureReporter";

    private final Appender<ILoggingEvent> appender;

    private SafeLog(Appender<ILoggingEvent> appender) {
        this.appender = appender;
        setName(appender.getName());
    }

    /** Stands in front of every appender that {@code log} has now. */
    public static void install(LoggerContext log) {
        for (Logger logger : log.getLoggerList()) {
            List<Appender<ILoggingEvent>> all = new ArrayList<>();
            logger.iteratorForAppenders().forEachRemaining(all::add);
            for (Appender<ILoggingEvent> appender : all) {
                SafeLog safe = new SafeLog(appender);
                safe.setContext(log);
                safe.start();
                logger.detachAppender(appender);
                logger.addAppender(safe);
            }
        }
    }

    @Override
    protected void append(ILoggingEvent event) {
        appender.doAppend(event.getLoggerName().equals(START_FAILED) ? event : new SafeEvent(event));
    }

    @Override
    public void stop() {
        super.stop();
        appender.stop();
    }
}
