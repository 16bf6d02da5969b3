package dev.sluice.config;

import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.boot.SpringBootExceptionReporter;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.diagnostics.FailureAnalyzer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.core.env.Environment;
import org.springframework.core.io.support.SpringFactoriesLoader;
import org.springframework.core.io.support.SpringFactoriesLoader.ArgumentResolver;
import org.springframework.core.io.support.SpringFactoriesLoader.FailureHandler;

/** Says why the service does not start in a few lines; Spring's own reporter frames the same in eleven more. */
@Order(Ordered.HIGHEST_PRECEDENCE)
final class StartupFailureReporter implements SpringBootExceptionReporter {

    private static final Logger LOG = LoggerFactory.getLogger(StartupFailureReporter.class);

    /** The loader knows no other kind. */
    private static final Log JCL = LogFactory.getLog(StartupFailureReporter.class);

    private final List<FailureAnalyzer> analyzers;

    StartupFailureReporter(@Nullable ConfigurableApplicationContext context) {
        analyzers = SpringFactoriesLoader.forDefaultResourceLocation()
                .load(FailureAnalyzer.class, context == null ? null : of(context), FailureHandler.logging(JCL));
    }

    /** What a driver says of an address repeats the whole of it. */
    static String withoutPasswords(String text) {
        return text.replaceAll("://([^:/@\\s]*):\\S*@", "://$1:***@").replaceAll("(?i)(password=)[^&\\s]*", "$1***");
    }

    private static ArgumentResolver of(ConfigurableApplicationContext context) {
        return ArgumentResolver.of(BeanFactory.class, context.getBeanFactory())
                .and(Environment.class, context.getEnvironment());
    }

    @Override
    public boolean reportException(Throwable failure) {
        if (isStopped(failure)) {
            return true; // who waited has said so; it is no failure
        }
        for (FailureAnalyzer analyzer : analyzers) {
            FailureAnalysis analysis = analyzed(analyzer, failure);
            if (analysis != null) {
                LOG.error("Sluice cannot start:\n{}", lines(analysis));
                return true;
            }
        }
        return false;
    }

    private static boolean isStopped(Throwable failure) {
        return Stream.iterate(failure, Objects::nonNull, Throwable::getCause)
                .anyMatch(StartStoppedException.class::isInstance);
    }

    /** One that fails must not hide what another one knows; Spring's reporter passes over it, too. */
    private static @Nullable FailureAnalysis analyzed(FailureAnalyzer analyzer, Throwable failure) {
        try {
            return analyzer.analyze(failure);
        } catch (RuntimeException broken) {
            LOG.debug("{} failed", analyzer, broken);
            return null;
        }
    }

    private static String lines(FailureAnalysis analysis) {
        String action = analysis.getAction();
        String lines = (analysis.getDescription() + (action == null ? "" : "\n" + action))
                .strip()
                .replaceAll("\\s*\\n\\s*", "\n");
        return withoutPasswords(lines);
    }
}
