package dev.sluice.protocol;

import dev.sluice.protocol.Field.Column;
import dev.sluice.text.AsciiNameTable;
import dev.sluice.text.Levels;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The usual names of JSON loggers and the columns they mean, whatever their case. For each column the first name of its
 * line that is present, with a value that fits, wins; the others go to the attributes like every other name. Names with
 * a point also match one level of nesting ({@code "host": {"name": ..}}); the object itself stays in the attributes
 * whole.
 *
 * <p>Whose names they are: ECS, logstash-logback-encoder, log4j2's layouts, bunyan and pino, zap and zerolog, Python,
 * Serilog, Google Cloud, OpenTelemetry, GELF, Docker's json-file, the systemd journal.
 */
final class Fields {

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
                            "eventtime",
                            "timemillis",
                            "asctime",
                            "date",
                            "instant.epochsecond",
                            "timeunixnano",
                            "__realtime_timestamp",
                            "created"),
                    entries(
                            Column.SEVERITY,
                            "log.level",
                            "level",
                            "severity",
                            "loglevel",
                            "levelname",
                            "severity_text",
                            "severitytext",
                            "lvl",
                            "@l",
                            "priority",
                            "level_value",
                            "levelno",
                            "severity_number",
                            "severitynumber"),
                    entries(Column.FACILITY, "facility", "syslog_facility", "log.syslog.facility.code"),
                    entries(Column.HOST, "host.name", "host", "hostname", "host.hostname", "_hostname", "source_host"),
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
                            "logger_name",
                            "logger",
                            "log.logger",
                            "loggername",
                            "_logger",
                            "name",
                            "program"),
                    entries(
                            Column.PROC_ID,
                            "process.pid",
                            "pid",
                            "_pid",
                            "procid",
                            "proc_id",
                            "process_id",
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
                            "short_message",
                            "@m",
                            "renderedmessage",
                            "@mt",
                            "messagetemplate",
                            "body",
                            "event",
                            "text"))
            .flatMap(List::stream)
            .toList();

    private static final AsciiNameTable<Field> FIELDS = table();

    private Fields() {}

    /** What the key in {@code bytes[from, to)} means, or null. */
    static @Nullable Field find(byte[] bytes, int from, int to) {
        return FIELDS.find(bytes, from, to);
    }

    /** Every name that fills a column. */
    static List<String> names() {
        return ENTRIES.stream().map(Entry::name).toList();
    }

    private static List<Entry> entries(Column column, String... names) {
        return IntStream.range(0, names.length)
                .mapToObj(rank -> new Entry(names[rank], column, rank))
                .toList();
    }

    /** The names, and those of objects whose own name means nothing but that have names inside. */
    private static AsciiNameTable<Field> table() {
        Stream<Entry> outer = ENTRIES.stream()
                .map(Entry::outer)
                .filter(name -> !name.isEmpty())
                .distinct()
                .filter(name -> ENTRIES.stream().noneMatch(entry -> entry.name.equals(name)))
                .map(name -> new Entry(name, Column.MESSAGE, NO_RANK));
        return AsciiNameTable.of(Stream.concat(ENTRIES.stream(), outer)
                .flatMap(entry -> Stream.<Object>of(entry.name, entry.field(inner(entry.name))))
                .toArray());
    }

    private static @Nullable AsciiNameTable<Field> inner(String outer) {
        Object[] pairs = ENTRIES.stream()
                .filter(entry -> entry.outer().equals(outer))
                .flatMap(entry -> Stream.<Object>of(entry.name.substring(outer.length() + 1), entry.field(null)))
                .toArray();
        return pairs.length == 0 ? null : AsciiNameTable.of(pairs);
    }

    private record Entry(String name, Column column, int rank) {
        String outer() {
            return name.substring(0, Math.max(name.indexOf('.'), 0));
        }

        Field field(@Nullable AsciiNameTable<Field> inner) {
            return new Field(column, rank, scale(), inner);
        }

        private Levels.Scale scale() {
            return switch (name) {
                case "levelno" -> Levels.Scale.PYTHON;
                case "severity_number", "severitynumber" -> Levels.Scale.OPEN_TELEMETRY;
                default -> Levels.Scale.COMMON;
            };
        }
    }
}
