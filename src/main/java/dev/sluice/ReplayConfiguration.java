package dev.sluice;

import dev.sluice.admin.ContentEndpoint;
import dev.sluice.admin.ReplayEndpoint;
import dev.sluice.config.DatabaseOptions;
import dev.sluice.config.RulesInForce;
import dev.sluice.config.SluiceProperties;
import dev.sluice.listen.intake.Intake;
import dev.sluice.metrics.PipelineMetrics;
import dev.sluice.protocol.Protocols;
import dev.sluice.replay.Replay;
import dev.sluice.store.ReplayMemory;
import dev.sluice.store.ReplayStore;
import dev.sluice.store.database.DatabaseHosts;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.context.ApplicationListener;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.ContextClosedEvent;
import reactor.netty.resources.LoopResources;
import tools.jackson.databind.json.JsonMapper;

/** Dead letters that come back by the HTTP port, beside the events that come. */
@Configuration(proxyBeanMethods = false)
class ReplayConfiguration {

    /** Of its own: a replay decodes on it, and no lane is to wait for that. */
    @Bean(destroyMethod = "dispose")
    LoopResources replayLoops() {
        return LoopResources.create("sluice-replay", 1, 1, true, false);
    }

    @Bean
    Replay replay(
            ReplayStore store,
            Protocols protocols,
            RulesInForce rules,
            SluiceProperties properties,
            PipelineMetrics metrics) {
        return new Replay(
                store, protocols, rules, listener -> ReplayCommand.frameMax(properties, listener), metrics::replayed);
    }

    @Bean
    ReplayEndpoint replayEndpoint(Replay replay, JsonMapper json) {
        return new ReplayEndpoint(replay, json);
    }

    @Bean
    ReplayStore replayStore(
            DatabaseOptions options,
            DatabaseHosts hosts,
            SluiceProperties properties,
            Intake intake,
            @Qualifier("replayLoops") LoopResources loops) {
        return new ReplayStore(
                options.ownersHosts(hosts),
                loops,
                SluiceConfiguration.settings(properties.store()),
                new ShareOfRows(intake));
    }

    @Bean
    ContentEndpoint replayContents(ReplayEndpoint endpoint) {
        return endpoint.endpoint();
    }

    /** Before anything stops: the run that is on ends after its batch. */
    @Bean
    ApplicationListener<ContextClosedEvent> endOfReplay(ReplayEndpoint endpoint) {
        return closed -> endpoint.end();
    }

    /** Its rows are rows like all others: they share what the budget has for these. */
    private record ShareOfRows(Intake intake) implements ReplayMemory {

        @Override
        public boolean reserve(long bytes) {
            return intake.budget().reserveRows(bytes);
        }

        @Override
        public void release(long bytes) {
            intake.stored(bytes);
        }

        @Override
        public long limit() {
            return intake.budget().rowLimit();
        }
    }
}
