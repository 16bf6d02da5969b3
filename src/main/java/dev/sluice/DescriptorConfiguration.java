package dev.sluice;

import dev.sluice.admin.HttpConnections;
import dev.sluice.config.ConnectionLimits;
import dev.sluice.config.DescriptorCeiling;
import dev.sluice.config.SluiceProperties;
import dev.sluice.listen.TcpListener;
import dev.sluice.listen.admission.Descriptors;
import dev.sluice.store.database.DatabaseHosts;
import java.time.Duration;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;

/** Who may have how many of the files that the process may open. */
@Configuration(proxyBeanMethods = false)
class DescriptorConfiguration {

    private static final Logger LOG = LoggerFactory.getLogger(DescriptorConfiguration.class);

    /** Compared before anything is opened that is counted among what is kept. */
    @Bean
    Descriptors descriptors(SluiceProperties properties, ConnectionLimits limits, DatabaseHosts hosts) {
        return DescriptorCeiling.ofThisProcess()
                .map(files -> {
                    int kept = DescriptorCeiling.kept(
                            properties,
                            hosts.count(),
                            SluiceConfiguration.eventLoops(),
                            HttpConnections.CONNECTIONS_MAX);
                    DescriptorCeiling ceiling = DescriptorCeiling.of(limits, files, kept);
                    ceiling.requireRoom();
                    if (!ceiling.fits()) {
                        LOG.warn(ceiling.advice());
                    }
                    return new Descriptors(files, kept);
                })
                .orElseGet(Descriptors::unlimited);
    }

    /** The listeners, which start later, leave the others theirs. */
    @Bean(destroyMethod = "dispose")
    Disposable descriptorsKept(Descriptors descriptors, List<TcpListener> listeners) {
        listeners.forEach(listener -> listener.within(descriptors));
        return Flux.interval(Duration.ofSeconds(5)).subscribe(tick -> descriptors.look());
    }
}
