package dev.sluice;

import dev.sluice.admin.PagePort;
import dev.sluice.config.ListenerProperties;
import dev.sluice.config.SluiceProperties;
import dev.sluice.embedded.DevelopmentDatabase;
import dev.sluice.listen.TcpListener;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.ApplicationListener;
import org.springframework.core.env.Environment;

/**
 * Says at the end of the start what to type next, on a machine that has a shell and nothing more. Only for runs with
 * the embedded database: where a database is configured, shippers are too.
 */
final class FirstSteps implements ApplicationListener<ApplicationReadyEvent> {

    private static final Logger LOG = LoggerFactory.getLogger(FirstSteps.class);

    private final SluiceProperties properties;
    private final List<TcpListener> listeners;
    private final PagePort page;

    FirstSteps(SluiceProperties properties, List<TcpListener> listeners, PagePort page) {
        this.properties = properties;
        this.page = page;
        this.listeners = listeners;
    }

    @Override
    public void onApplicationEvent(ApplicationReadyEvent event) {
        Environment environment = event.getApplicationContext().getEnvironment();
        String database = environment.getProperty(DevelopmentDatabase.URI);
        Optional<TcpListener> listener =
                listeners.stream().filter(this::takesPlainLines).findFirst();
        if (database == null || listener.isEmpty()) {
            return;
        }
        LOG.info(
                "Now send an event, from another terminal: {}",
                send(listener.get().port()));
        LOG.info("And see it: {}{}", look(database), orLook(page.port().get()));
    }

    /** Where it is seen, too; nothing without a page. */
    static String orLook(@Nullable Integer port) {
        return port == null ? "" : "; without psql, the page at http://127.0.0.1:" + port + "/ counts it";
    }

    /** The command that sends an event; bash itself opens the connection. */
    static String send(int port) {
        return "bash -c \"echo '<14>1 - web-1 shop - - - hello from me' > /dev/tcp/127.0.0.1/" + port + "\"";
    }

    /** The command that shows what is stored. */
    static String look(String database) {
        return "psql " + database + " -c 'select received_at, severity, host, app, message from log_event'";
    }

    private boolean takesPlainLines(TcpListener listener) {
        ListenerProperties configured = properties.listeners().get(listener.name());
        return configured != null && configured.takesPlainLines();
    }
}
