package dev.sluice;

import dev.sluice.admin.BuildVersion;
import dev.sluice.config.PropertyHelp;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** What the command line asks for that needs no service: {@code --help} and {@code --version}. */
final class Usage {

    private static final String HELP = """
            java -jar sluice.jar [--PROPERTY=VALUE]...
            java -jar sluice.jar replay [--NAME=VALUE]... [--apply] [--PROPERTY=VALUE]...

              --help                     prints this
              --version                  prints the version, its revision and that of Java
              --sluice.dry-run[=NAME]    prints what would be stored of the standard input, as the listener NAME reads it
              --spring.r2dbc.url=URL     the database: postgresql://host/database; also .username and .password
              --spring.config.additional-location=FILE
                                         a file of properties: application.yml
              --server.port=8080         the port of health, metrics and the rest of HTTP

            replay shows what would become of dead letters with the configuration and rules of today; with --apply it
            stores them, with their old received_at, and removes the dead letters. It takes those that fit all of:
            --reason= --source= --listener= --protocol= --id=  as the columns of dead_letter
            --since= --until=   received_at: a time (2026-11-28T20:15:00Z) or a day of UTC
            --limit=            so many, the oldest first; --examples=10 are shown

            A property may stand in a file, on the command line, or in the environment: SLUICE_PIPELINE_MEMORY=32MB.
            Below each name: its default, the unit or range, and what it means.
            """;

    private Usage() {}

    /** What to print in place of a start, or nothing. */
    static Optional<String> of(String[] args) {
        List<String> asked = Arrays.asList(args);
        if (asked.contains("--version")) {
            return Optional.of(version());
        }
        return asked.contains("--help") || asked.contains("-h")
                ? Optional.of(version() + "\n" + HELP + PropertyHelp.tree())
                : Optional.empty();
    }

    private static String version() {
        return "Sluice " + BuildVersion.ofThisProgram() + ", Java " + Runtime.version() + "\n";
    }
}
