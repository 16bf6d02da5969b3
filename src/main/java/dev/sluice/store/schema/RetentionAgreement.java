package dev.sluice.store.schema;

import static java.util.Objects.requireNonNull;

import io.r2dbc.spi.Readable;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;

/**
 * What all replicas together want to keep, and for how long the database's clock has gone steadily. Each replica claims
 * what it was told, and the longest claim of the last day counts: so a replica with a shorter setting cannot decide for
 * the others, and a setting that was shortened takes effect a day after the last claim of the longer one.
 *
 * @param now by the database's clock
 * @param steadySince since when passes follow each other without a gap of more than a day, and no replica saw that the
 *     clock was set
 * @param sinceLastPass how long ago, by that clock, the pass before was, of whatever replica
 * @param archive the schema that days are moved to, where any replica wants that; null: they are dropped
 * @param claimedUntil when the longest claim ends, if nobody renews it
 */
record RetentionAgreement(
        Instant now,
        Instant steadySince,
        Duration sinceLastPass,
        Duration retention,
        Duration ledgerAge,
        Duration deliveryAge,
        @Nullable String archive,
        Instant claimedUntil) {

    private static final Logger LOG = LoggerFactory.getLogger(RetentionAgreement.class);

    /** A claim counts for so long after it was made, and the clock must have gone steadily for so long; as in SQL. */
    static final Duration PATIENCE = Duration.ofDays(1);

    private static final String SINCE_LAST_PASS =
            "select greatest(0, extract(epoch from now() - passed_at))::bigint from {home}.retention_pass";

    private static final String AGREED = """
            select extract(epoch from now())::float8 as now,
                   extract(epoch from p.steady_since)::float8 as steady_since,
                   (array_agg(c.archive_schema order by c.claimed_at desc) filter (where c.archive_schema is not null))[1]
                       as archive,
                   max(c.event_seconds) as events, max(c.batch_seconds) as batches, max(c.delivery_seconds) as deliveries,
                   extract(epoch from (array_agg(c.claimed_at order by c.event_seconds desc, c.claimed_at desc))[1])::float8
                       as claimed_at
            from {home}.retention_pass p, {home}.retention_claim c
            group by p.steady_since""";

    /**
     * Claims what this replica wants kept, notes the pass, and reads what all want.
     *
     * @param clockWasSet whether this replica saw that the database's clock was set
     */
    static Mono<RetentionAgreement> claim(
            KeeperSession session, UUID replica, PartitionSettings settings, boolean clockWasSet) {
        String claim = """
                insert into {home}.retention_claim (replica, claimed_at, event_seconds, batch_seconds, delivery_seconds,
                                                    archive_schema)
                values ('%s', now(), %d, %d, %d, %s)
                on conflict (replica) do update
                    set claimed_at = excluded.claimed_at, event_seconds = excluded.event_seconds,
                        batch_seconds = excluded.batch_seconds, delivery_seconds = excluded.delivery_seconds,
                        archive_schema = excluded.archive_schema;
                delete from {home}.retention_claim where claimed_at < now() - interval '1 day'""".formatted(
                        replica,
                        settings.retention().toSeconds(),
                        settings.ledgerAge().toSeconds(),
                        settings.deliveryAge().toSeconds(),
                        settings.archive() == null ? "null" : "'" + settings.archive() + "'");
        return session.execute(claim)
                .then(session.rows(SINCE_LAST_PASS, row -> requireNonNull(row.get(0, Long.class)))
                        .single())
                .flatMap(seconds -> session.execute(notePassSql(clockWasSet))
                        .then(session.rows(AGREED, row -> of(row, Duration.ofSeconds(seconds)))
                                .single()));
    }

    private static String notePassSql(boolean clockWasSet) {
        return """
            update {home}.retention_pass
            set steady_since = case when %s or now() > passed_at + interval '1 day'
                                      or now() < passed_at - interval '1 minute' then now() else steady_since end,
                passed_at = now()""".formatted(clockWasSet);
    }

    private static RetentionAgreement of(Readable row, Duration sinceLastPass) {
        return new RetentionAgreement(
                instant(row, "now"),
                instant(row, "steady_since"),
                sinceLastPass,
                seconds(row, "events"),
                seconds(row, "batches"),
                seconds(row, "deliveries"),
                archive(row.get("archive", String.class)),
                instant(row, "claimed_at").plus(PATIENCE));
    }

    /** An account that owns no table may be able to write claims, and the owner of the tables acts on them. */
    private static @Nullable String archive(@Nullable String claimed) {
        if (claimed != null && !PartitionSettings.isArchiveName(claimed)) {
            throw new IllegalStateException("an archive_schema in retention_claim is no name of letters, digits and"
                    + " underscores: nothing is removed before a day after that claim");
        }
        return claimed;
    }

    private static Instant instant(Readable row, String name) {
        return Instant.ofEpochMilli(Math.round(requireNonNull(row.get(name, Double.class)) * 1000));
    }

    private static Duration seconds(Readable row, String name) {
        return Duration.ofSeconds(requireNonNull(row.get(name, Long.class)));
    }

    /** When the clock will have gone steadily for long enough to remove by it. */
    Instant steadyFrom() {
        return steadySince.plus(PATIENCE);
    }

    boolean isSteady() {
        return !now.isBefore(steadyFrom());
    }

    /**
     * What holds in place of what is set here.
     *
     * @param days Sluice removes days; else dead letters alone
     */
    void sayWhatDiffers(PartitionSettings settings, boolean days) {
        if (retention.compareTo(settings.retention()) > 0) {
            LOG.warn(
                    "{} are to be kept for {} d here, but for {} d by another replica or by an earlier start: the"
                            + " longer one holds until {}, or for as long as it is claimed",
                    days ? "Events" : "Dead letters",
                    settings.retention().toDays(),
                    retention.toDays(),
                    claimedUntil);
        }
        if (days && settings.archive() == null && archive != null) {
            LOG.warn(
                    "Days are to be dropped here, but moved to schema {} by another replica or an earlier start: they are"
                            + " moved until a day after that was last claimed",
                    archive);
        }
    }
}
