package dev.sluice.config;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.event.ApplicationEnvironmentPreparedEvent;
import org.springframework.boot.context.logging.LoggingApplicationListener;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ApplicationListener;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.Ordered;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.PropertySource;
import org.springframework.util.ClassUtils;

/**
 * Refuses a format of the log that does not exist. Spring ends the start with a stack trace, as there is no log yet to
 * say it in: so the log is set up as text first, and then the start ends.
 */
final class LogFormat
        implements ApplicationListener<ApplicationEnvironmentPreparedEvent>,
                ApplicationContextInitializer<ConfigurableApplicationContext>,
                Ordered {

    private static final List<String> PROPERTIES =
            List.of("logging.structured.format.console", "logging.structured.format.file");

    private static final Set<String> FORMATS = Set.of("ecs", "logstash", "gelf");

    @Override
    public int getOrder() {
        return LoggingApplicationListener.DEFAULT_ORDER - 1;
    }

    /** Right before Spring sets the log up. */
    @Override
    public void onApplicationEvent(ApplicationEnvironmentPreparedEvent event) {
        ConfigurableEnvironment environment = event.getEnvironment();
        for (String property : PROPERTIES) {
            String format = environment.getProperty(property, "");
            if (!format.isEmpty() && !exists(format)) {
                environment.getPropertySources().addFirst(new Text(property, format));
            }
        }
    }

    /** Spring takes a class as well. */
    private static boolean exists(String format) {
        return FORMATS.contains(format.toLowerCase(Locale.ROOT)) || ClassUtils.isPresent(format, null);
    }

    @Override
    public void initialize(ConfigurableApplicationContext context) {
        for (PropertySource<?> source : context.getEnvironment().getPropertySources()) {
            if (source instanceof Text text) {
                throw text.getSource();
            }
        }
    }

    /** Text in place of the format that does not exist. */
    private static final class Text extends PropertySource<StartupException> {

        Text(String property, String format) {
            super(
                    property,
                    new StartupException(
                            property + " is \"" + format + "\", expected ecs, logstash or gelf",
                            "Without it the log is lines of text."));
        }

        @Override
        public @Nullable Object getProperty(String wanted) {
            return wanted.equals(name) ? "" : null;
        }
    }
}
