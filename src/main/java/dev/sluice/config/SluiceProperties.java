package dev.sluice.config;

import dev.sluice.protocol.Protocols;
import dev.sluice.protocol.forward.ForwardLimits;
import dev.sluice.store.database.TableLayout;
import dev.sluice.store.schema.PartitionSettings;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.time.Duration;
import java.time.ZoneId;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.NestedConfigurationProperty;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;
import org.springframework.validation.annotation.Validated;

/**
 * What operators write under {@code sluice}. The database is {@code spring.r2dbc.*}.
 *
 * @param listeners the ports that shippers connect to, by name; one called {@code main} when none is given
 * @param pipeline memory, workers and shutdown
 * @param store how rows are written and kept
 * @param syslog how syslog is read
 * @param json how JSON is read
 * @param forward how Fluentd's Forward protocol is read
 * @param admin the page for operators, and who may see contents of logs there
 */
@Validated
@ConfigurationProperties("sluice")
public record SluiceProperties(
        @DefaultValue Map<String, @Valid ListenerProperties> listeners,
        @DefaultValue @Valid Pipeline pipeline,
        @DefaultValue @Valid Store store,
        @DefaultValue @Valid Syslog syslog,
        @DefaultValue @Valid Json json,
        @DefaultValue @Valid Forward forward,
        @DefaultValue @Valid @NestedConfigurationProperty AdminProperties admin) {

    /** Fills in the default listener. */
    public SluiceProperties {
        listeners = listeners.isEmpty() ? Map.of("main", ListenerProperties.byDefault()) : Map.copyOf(listeners);
    }

    /** The protocols as these properties have them read. */
    public Protocols protocols() {
        return new Protocols(
                syslog.zone(),
                json.maxDepth(),
                forwardLimits(),
                !forward.remember().isZero());
    }

    /** What bounds a Forward message; an event in one is as long as the longest frame of any listener. */
    public ForwardLimits forwardLimits() {
        long eventBytesMax = listeners.values().stream()
                .mapToLong(listener -> listener.maxFrame().toBytes())
                .max()
                .orElseThrow();
        return new ForwardLimits(
                Math.toIntExact(forward.maxChunk().toBytes()),
                Math.toIntExact(forward.maxInflated().toBytes()),
                Math.toIntExact(eventBytesMax));
    }

    /**
     * What happens between the sockets and the store.
     *
     * @param memory the budget: bytes read and not yet stored; when it is spent, Sluice reads no more
     * @param workers threads that decode and encode; 0 means one a core
     * @param drainTimeout how long a shutdown reads what shippers still send, before it stops reading and stores
     * @param processorsFile a file with the rules, in place of {@code sluice.pipeline.processors}; when it changes, so
     *     do they, without a restart
     */
    public record Pipeline(
            @DefaultValue("64MB") DataSize memory,
            @DefaultValue("0") @Min(0) @Max(256) int workers,
            @DefaultValue("15s") Duration drainTimeout,
            @DefaultValue("") String processorsFile) {

        private static final DataSize MEMORY_MIN = DataSize.ofMegabytes(4);
        private static final DataSize MEMORY_MAX = DataSize.ofGigabytes(64);

        /** Twice as long as a quiet shipper is waited for. */
        private static final Duration DRAIN_MIN = Duration.ofSeconds(3);

        /** Refuses a budget in which a frame would not fit, and a drain that would cut shippers off. */
        public Pipeline {
            requireBetween("memory", memory, MEMORY_MIN, MEMORY_MAX);
            requireAtLeast("drain-timeout", drainTimeout, DRAIN_MIN);
        }

        /** Threads of the worker rail. */
        public int workerCount() {
            return workers == 0 ? Runtime.getRuntime().availableProcessors() : workers;
        }
    }

    /**
     * How rows are written and kept.
     *
     * @param lanes connections to PostgreSQL that write, each with one transaction at a time
     * @param batch the most that one transaction writes
     * @param batchDeadline how long a transaction may take before its connection is given up and it is tried again
     * @param retention how long events and dead letters are kept; events go in whole days
     * @param retentionAction whether a day that is too old is dropped, or detached and moved to {@code archiveSchema}
     * @param archiveSchema the schema for such days; Sluice makes it where it is missing, and drops nothing in it
     * @param layout who makes the days and removes them: Sluice, also where Citus distributes them, or somebody else,
     *     TimescaleDB or pg_partman for example
     * @param partitionsAhead how far ahead the daily partitions are made
     * @param ledgerRetention how long committed batches are remembered
     * @param removalStep how much is removed within an hour at most, in whole days; a clock or a setting that is wrong
     *     is noticed while most is still there
     * @param finishedDays what days get when they are over
     * @param migrate whether Sluice brings the tables up to date at a start; else their owner does, by the SQL of the
     *     release, and the start looks whether it was done
     * @param schemaUsername the account that migrates the tables and makes and removes days, where it is not that of
     *     {@code spring.r2dbc}, which then needs no right but to write
     * @param schemaPassword its password
     */
    public record Store(
            @DefaultValue("2") @Min(1) @Max(64) int lanes,
            @DefaultValue @Valid Batch batch,
            @DefaultValue("60s") Duration batchDeadline,
            @DefaultValue("30d") Duration retention,
            @DefaultValue("drop") RetentionAction retentionAction,
            @DefaultValue("archive") String archiveSchema,
            @DefaultValue("native") TableLayout layout,
            @DefaultValue("7d") Duration partitionsAhead,
            @DefaultValue("1d") Duration ledgerRetention,
            @DefaultValue("1d") Duration removalStep,

            @DefaultValue @Valid @NestedConfigurationProperty
            FinishedDays finishedDays,

            @DefaultValue("true") boolean migrate,
            @DefaultValue("") String schemaUsername,
            @DefaultValue("") String schemaPassword) {

        /** Refuses times that cannot work, and a password of nobody. */
        public Store {
            requireAtLeast("batch-deadline", batchDeadline, Duration.ofMillis(1));
            requireAtLeast("retention", retention, Duration.ofDays(1));
            requireAtLeast("partitions-ahead", partitionsAhead, Duration.ofDays(1));
            requireAtLeast("ledger-retention", ledgerRetention, Duration.ofHours(1));
            requireAtLeast("removal-step", removalStep, Duration.ofDays(1));
            if (!PartitionSettings.isArchiveName(archiveSchema)) {
                throw new IllegalArgumentException("archive-schema is \"" + archiveSchema
                        + "\", expected a name of letters, digits and underscores");
            }
            if (schemaUsername.isEmpty() && !schemaPassword.isEmpty()) {
                throw new IllegalArgumentException("schema-password is set, but schema-username is not");
            }
        }

        /** The schema that old days are moved to, or null where they are dropped. */
        public @Nullable String archive() {
            return retentionAction == RetentionAction.DETACH ? archiveSchema : null;
        }

        /** Without the password. */
        @Override
        public String toString() {
            return "Store[lanes=" + lanes + ", retention=" + retention + ", migrate=" + migrate + ", schemaUsername="
                    + schemaUsername + "]";
        }
    }

    /** What becomes of a day that is too old. */
    public enum RetentionAction {
        /** It is gone. */
        DROP,
        /** It is kept, in another schema. */
        DETACH
    }

    /**
     * The most that one transaction writes. A lane that becomes free takes what has gathered, however little.
     *
     * @param maxEvents rows
     * @param maxBytes bytes of encoded rows
     */
    public record Batch(
            @DefaultValue("20000") @Min(1) @Max(1_000_000) int maxEvents,
            @DefaultValue("8MB") DataSize maxBytes) {

        /** Refuses sizes that cannot work. */
        public Batch {
            requireBetween("max-bytes", maxBytes, DataSize.ofKilobytes(64), DataSize.ofMegabytes(256));
        }
    }

    /**
     * How syslog is read.
     *
     * @param zone where times without an offset were written, such as those of RFC 3164
     */
    public record Syslog(@DefaultValue("UTC") ZoneId zone) {}

    /**
     * How JSON is read.
     *
     * @param maxDepth how deeply objects and arrays may be nested, the event's own object included
     */
    public record Json(@DefaultValue("64") @Min(1) @Max(512) int maxDepth) {}

    /**
     * How Forward is read.
     *
     * @param maxChunk the longest message, as it is on the wire; after a longer one the connection is closed
     * @param maxInflated the most that one message may become, inflated and as rows; a larger one becomes a dead letter
     * @param remember how long a chunk that was committed is known again when its shipper sends it again; 0 does not
     *     remember
     */
    public record Forward(
            @DefaultValue("9MB") DataSize maxChunk,
            @DefaultValue("25MB") DataSize maxInflated,
            @DefaultValue("1d") Duration remember) {

        /** Refuses sizes that cannot work. */
        public Forward {
            requireBetween("max-chunk", maxChunk, DataSize.ofKilobytes(64), DataSize.ofMegabytes(256));
            requireBetween("max-inflated", maxInflated, DataSize.ofMegabytes(1), DataSize.ofMegabytes(1024));
            requireAtLeast("remember", remember, Duration.ZERO);
        }
    }

    private static void requireAtLeast(String name, Duration value, Duration min) {
        if (value.compareTo(min) < 0) {
            throw new IllegalArgumentException(
                    name + " is " + Written.of(value) + ", expected at least " + Written.of(min));
        }
    }

    static void requireBetween(String name, DataSize value, DataSize min, DataSize max) {
        if (value.compareTo(min) < 0 || value.compareTo(max) > 0) {
            throw new IllegalArgumentException(name + " is " + Written.of(value) + ", expected between "
                    + Written.of(min) + " and " + Written.of(max));
        }
    }
}
