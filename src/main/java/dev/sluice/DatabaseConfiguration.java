package dev.sluice;

import dev.sluice.config.DatabaseOptions;
import dev.sluice.config.SluiceProperties;
import dev.sluice.store.database.DatabaseHosts;
import dev.sluice.store.schema.PartitionKeeper;
import dev.sluice.store.schema.PartitionSettings;
import dev.sluice.store.schema.SchemaMigration;
import io.r2dbc.spi.ConnectionFactory;
import java.time.Clock;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.r2dbc.autoconfigure.R2dbcConnectionDetails;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import reactor.netty.resources.LoopResources;

/** Where the database is, and how it is reached: what everything that writes to it begins with. */
@Configuration(proxyBeanMethods = false)
class DatabaseConfiguration {

    @Bean(destroyMethod = "dispose")
    LoopResources storeLoops(SluiceProperties properties) {
        return LoopResources.create("sluice-store", 1, properties.store().lanes(), true, false);
    }

    @Bean
    DatabaseOptions databaseOptions(R2dbcConnectionDetails details, SluiceProperties properties) {
        return DatabaseOptions.of(details, properties.store());
    }

    @Bean
    DatabaseHosts databaseHosts(DatabaseOptions options) {
        return options.hosts();
    }

    /** Takes the place of Spring's, which would ask the driver. */
    @Bean
    ConnectionFactory connectionFactory(DatabaseHosts hosts, @Qualifier("storeLoops") LoopResources loops) {
        return hosts.connectionFactory(loops);
    }

    @Bean
    SchemaMigration schemaMigration(
            DatabaseOptions options, DatabaseHosts hosts, @Qualifier("storeLoops") LoopResources loops) {
        return options.migration(hosts, hosts.primary(loops));
    }

    @Bean
    PartitionKeeper partitionKeeper(
            DatabaseOptions options,
            DatabaseHosts hosts,
            ConnectionFactory writers,
            SluiceProperties properties,
            @Qualifier("storeLoops") LoopResources loops) {
        SluiceProperties.Store store = properties.store();
        return new PartitionKeeper(
                owners(options, hosts, loops),
                writers,
                hosts.home(),
                new PartitionSettings(
                        Math.toIntExact(store.partitionsAhead().toDays()),
                        store.retention(),
                        store.ledgerRetention(),
                        properties.forward().remember(),
                        Math.toIntExact(store.removalStep().toDays()),
                        store.archive()),
                Clock.systemUTC());
    }

    /** As the owner of the tables, who may be another account than the one that stores rows. */
    static ConnectionFactory owners(DatabaseOptions options, DatabaseHosts hosts, LoopResources loops) {
        return options.ownersLogin()
                .map(login -> hosts.connectionFactory(loops, login))
                .orElseGet(() -> hosts.connectionFactory(loops));
    }
}
