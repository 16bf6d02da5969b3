package dev.sluice.protocol.json;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.sluice.event.Column;
import dev.sluice.text.AsciiNameTable;
import dev.sluice.text.Levels;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The usual names of JSON loggers and the columns they mean, whatever their case. For each column the first name of its
 * line that is present, with a value that fits, wins; the others go to the attributes like every other name. Names with
 * points also match nested objects ({@code "host": {"name": ..}}); the outer object stays in the attributes whole. A
 * name may have an underscore (GELF) or an at sign before it; one without comes first.
 *
 * <p>Whose names they are: ECS, logstash-logback-encoder, log4j2's layouts, bunyan and pino, zap and zerolog, Python,
 * Serilog and NLog, Google Cloud, Azure, OpenTelemetry, GELF, Docker's json-file, Kubernetes metadata as Fluent Bit and
 * Vector write it, Monolog, HashiCorp, PostgreSQL, MongoDB, ClickHouse, the systemd journal.
 */
final class KnownKeys {

    /** The rank of names that fill nothing. */
    static final int NO_RANK = Integer.MAX_VALUE;

    private static final List<Entry> ENTRIES = Stream.of(
                    entries(
                            Column.TIME,
                            "@timestamp",
                            "timestamp",
                            "time",
                            "ts",
                            "@t",
                            "datetime",
                            "date_time",
                            "eventtime",
                            "event_time",
                            "time_local",
                            "start_time",
                            "starttime",
                            "timemillis",
                            "asctime",
                            "date",
                            "instant.epochsecond",
                            "instant.nanoofsecond",
                            "timeunixnano",
                            "time.$date",
                            "timestamp.$date",
                            "record.time.timestamp",
                            "t.$date",
                            "__realtime_timestamp",
                            "created",
                            "observedtimeunixnano",
                            "observedtimestamp",
                            "timegenerated",
                            "eventtimestamp",
                            "written_at",
                            "time.$date.$numberlong",
                            "timestamp.$date.$numberlong"),
                    entries(
                            Column.SEVERITY,
                            "log.level",
                            "level_name",
                            "levelname",
                            "severity_text",
                            "severitytext",
                            "error_severity",
                            "level",
                            "severity",
                            "loglevel",
                            "log_level",
                            "leveltext",
                            "lvl",
                            "@l",
                            "severity_label",
                            "syslog.severity_label",
                            "level_value",
                            "levelno",
                            "severity_number",
                            "severitynumber",
                            "severitylevel",
                            "priority",
                            "record.level.name",
                            "syslog.severity",
                            "event.severity",
                            "s",
                            "pri",
                            "syslog_priority",
                            "syslog.priority",
                            "syslog_pri",
                            "record.level",
                            "@fields.level"),
                    entries(
                            Column.FACILITY,
                            "facility",
                            "syslog_facility",
                            "syslog.facility",
                            "log.syslog.facility.code",
                            "facility_code"),
                    entries(
                            Column.HOST,
                            "host.name",
                            "host",
                            "hostname",
                            "host.hostname",
                            "_hostname",
                            "source_host",
                            "kubernetes.host",
                            "kubernetes.node_name",
                            "kubernetes.pod_node_name",
                            "k8s.node.name",
                            "node_name",
                            "nodename",
                            "resource.host.name",
                            "resources.host.name",
                            "resource.k8s.node.name",
                            "resources.k8s.node.name",
                            "machinename",
                            "computername",
                            "computer",
                            "beat.hostname",
                            "agent.hostname",
                            "cloud_roleinstance"),
                    entries(
                            Column.APP,
                            "service.name",
                            "service",
                            "app",
                            "application",
                            "app_name",
                            "appname",
                            "application_name",
                            "syslog_identifier",
                            "ident",
                            "_comm",
                            "sourcename",
                            "kubernetes.labels.app.kubernetes.io/name",
                            "kubernetes.labels.app",
                            "kubernetes.pod_labels.app.kubernetes.io/name",
                            "kubernetes.pod_labels.app",
                            "kubernetes.container_name",
                            "resource.service.name",
                            "resources.service.name",
                            "k8s.container.name",
                            "resource.k8s.container.name",
                            "resources.k8s.container.name",
                            "logger_name",
                            "logger",
                            "log.logger",
                            "loggername",
                            "logger.name",
                            "_logger",
                            "sourcecontext",
                            "category",
                            "channel",
                            "name",
                            "program",
                            "record.name",
                            "process.program",
                            "process.name",
                            "container_name",
                            "module",
                            "progname",
                            "cloud_rolename",
                            "processname",
                            "component_name",
                            "eventsource",
                            "loggroup"),
                    entries(
                            Column.PROC_ID,
                            "process.pid",
                            "pid",
                            "_pid",
                            "procid",
                            "proc_id",
                            "process_id",
                            "processid",
                            "syslog_pid",
                            "record.process.id",
                            "process",
                            "process.thread.name",
                            "thread_name",
                            "thread",
                            "threadname",
                            "_thread"),
                    entries(Column.MSG_ID, "msgid", "msg_id", "event.code", "message_id", "event_id", "eventid"),
                    entries(
                            Column.MESSAGE,
                            "message",
                            "msg",
                            "log",
                            "record.message",
                            "short_message",
                            "@m",
                            "renderedmessage",
                            "@mt",
                            "messagetemplate",
                            "body",
                            "body.stringvalue",
                            "body.string_value",
                            "textpayload",
                            "event",
                            "text",
                            "full_message",
                            "syslogmessage",
                            "resultdescription",
                            "jsonpayload.message",
                            "fields.message",
                            "record"))
            .flatMap(List::stream)
            .toList();

    /** Added to the rank of a name that is meant by one with a mark before it. */
    private static final int MARKED_RANK = 64;

    private static final AsciiNameTable<KeyMeaning> FIELDS = table(ENTRIES);
    private static final AsciiNameTable<KeyMeaning> MARKED =
            table(ENTRIES.stream().map(Entry::marked).toList());

    private static final KeyMeaning CHANNEL = find("channel");

    static final KeyMeaning LEVEL = find("level");

    private KnownKeys() {}

    /** What the key in {@code bytes[from, to)} means, or null. */
    static @Nullable KeyMeaning find(byte[] bytes, int from, int to) {
        KeyMeaning field = FIELDS.find(bytes, from, to);
        boolean marked = field == null && from < to && (bytes[from] == '_' || bytes[from] == '@');
        return marked ? MARKED.find(bytes, from + 1, to) : field;
    }

    private static KeyMeaning find(String name) {
        return Objects.requireNonNull(FIELDS.find(name.getBytes(US_ASCII), 0, name.length()));
    }

    /** Whether it is the channel of Monolog, whose numbers of levels are its own. */
    static boolean isChannel(@Nullable KeyMeaning field) {
        return field != null && field.column() == Column.APP && field.rank() == CHANNEL.rank();
    }

    /** Every name that fills a column. */
    static List<String> names() {
        return ENTRIES.stream().map(Entry::name).toList();
    }

    private static List<Entry> entries(Column column, String... names) {
        return IntStream.range(0, names.length)
                .mapToObj(rank -> new Entry(names[rank], column, rank, Levels.Scale.ofField(names[rank])))
                .toList();
    }

    /** The names, and those of objects whose own name means nothing but that have names inside. */
    private static AsciiNameTable<KeyMeaning> table(List<Entry> entries) {
        Stream<Entry> outer = entries.stream()
                .map(Entry::outer)
                .filter(name -> !name.isEmpty())
                .distinct()
                .filter(name -> entries.stream().noneMatch(entry -> entry.name.equals(name)))
                .map(name -> new Entry(name, Column.MESSAGE, NO_RANK, Levels.Scale.COMMON));
        return AsciiNameTable.of(Stream.concat(entries.stream(), outer)
                .filter(entry -> entry.name.length() <= AsciiNameTable.LENGTH_MAX)
                .flatMap(entry -> Stream.<Object>of(entry.name, entry.field(inner(entry.name, entries))))
                .toArray());
    }

    private static @Nullable AsciiNameTable<KeyMeaning> inner(String outer, List<Entry> entries) {
        List<Entry> inner = entries.stream()
                .filter(entry -> entry.outer().equals(outer))
                .map(Entry::inner)
                .toList();
        return inner.isEmpty() ? null : table(inner);
    }

    private record Entry(String name, Column column, int rank, Levels.Scale scale) {
        String outer() {
            return name.substring(0, Math.max(name.indexOf('.'), 0));
        }

        Entry inner() {
            return new Entry(name.substring(name.indexOf('.') + 1), column, rank, scale);
        }

        Entry marked() {
            return new Entry(name, column, rank + MARKED_RANK, scale);
        }

        KeyMeaning field(@Nullable AsciiNameTable<KeyMeaning> inner) {
            boolean nanos = name.equals("nanoofsecond");
            return new KeyMeaning(column, nanos ? rank - 1 : rank, nanos, scale, inner);
        }
    }
}
