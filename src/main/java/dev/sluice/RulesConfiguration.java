package dev.sluice;

import dev.sluice.config.ConnectionLimits;
import dev.sluice.config.MemoryCeiling;
import dev.sluice.config.RulesInForce;
import dev.sluice.config.SluiceProperties;
import dev.sluice.config.WorkerRules;
import dev.sluice.metrics.PipelineMetrics;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.ConfigurableEnvironment;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Flux;
import reactor.core.scheduler.Schedulers;

/** The rules, and how others come into force while the service runs. */
@Configuration(proxyBeanMethods = false)
class RulesConfiguration {

    @Bean
    WorkerRules workerRules(ConfigurableEnvironment environment, SluiceProperties properties) {
        return WorkerRules.of(environment, properties);
    }

    /** What the rules of the file would need when it changes is checked as at the start. */
    @Bean
    RulesInForce rulesInForce(
            WorkerRules start, SluiceProperties properties, ConnectionLimits limits, PipelineMetrics metrics) {
        RulesInForce rules = new RulesInForce(
                start,
                growth -> SluiceConfiguration.requireFits(
                        MemoryCeiling.of(properties, limits, SluiceConfiguration.eventLoops(), growth)),
                metrics);
        metrics.watchRules(rules::isOutdated);
        return rules;
    }

    @Bean(destroyMethod = "dispose")
    Disposable rulesReload(RulesInForce rules) {
        return rules.isReloadable()
                ? Flux.interval(RulesInForce.PERIOD, Schedulers.boundedElastic())
                        .onBackpressureDrop()
                        .subscribe(tick -> rules.look())
                : Disposables.disposed();
    }
}
