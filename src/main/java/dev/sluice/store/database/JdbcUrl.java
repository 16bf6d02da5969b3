package dev.sluice.store.database;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.joining;

import io.r2dbc.spi.ConnectionFactoryOptions;
import io.r2dbc.spi.Option;
import java.net.URLEncoder;
import java.util.Locale;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/**
 * The JDBC address of the database that R2DBC options lead to, so that it is configured once.
 *
 * @param url for the JDBC driver, without user and password
 * @param hosts the servers, for messages
 * @param name the database
 */
public record JdbcUrl(String url, String hosts, String name) {

    private static final int DEFAULT_PORT = 5432;
    private static final int CONNECT_SECONDS = 5;
    private static final int LOGIN_SECONDS = 10;
    private static final int SILENCE_SECONDS = 300;

    /** Derives it from options of the drivers {@code postgresql} and {@code pool}. */
    public static JdbcUrl of(ConnectionFactoryOptions options) {
        int port = Integer.parseInt(text(options, "port", Integer.toString(DEFAULT_PORT)));
        String hosts = HostAddress.listOf(text(options, "host", "localhost"), port).stream()
                .map(HostAddress::toString)
                .collect(joining(","));
        String name = text(options, "database", text(options, "user", "postgres"));
        String url = "jdbc:postgresql://" + hosts + "/" + encoded(name) + "?" + parameters(options);
        return new JdbcUrl(url, hosts, name);
    }

    private static String parameters(ConnectionFactoryOptions options) {
        StringJoiner query = new StringJoiner("&");
        query.add("ApplicationName=sluice-migration");
        query.add("connectTimeout=" + CONNECT_SECONDS);
        // The one above is for the socket alone, and a server that hangs takes the connection all the same.
        query.add("loginTimeout=" + LOGIN_SECONDS);
        // A start beside a server that fell silent is tried again; no statement of a migration takes that long.
        query.add("socketTimeout=" + SILENCE_SECONDS);
        query.add("tcpKeepAlive=true");
        // Of several hosts only the primary can be migrated.
        if (text(options, "host", "").contains(",")) {
            query.add("targetServerType=primary");
        }
        // As the other driver does it, so that both find the same tables.
        add(query, "currentSchema", value(options, "schema"));
        String mode = sslMode(options);
        query.add("sslmode=" + mode);
        if (!mode.equals("disable")) {
            add(query, "sslrootcert", value(options, "sslRootCert"));
            add(query, "sslcert", value(options, "sslCert"));
            add(query, "sslkey", value(options, "sslKey"));
            add(query, "sslpassword", value(options, "sslPassword"));
        }
        return query.toString();
    }

    /** As the R2DBC driver reads it: {@code sslMode}, else {@code ssl=true} means verify-full, else none. */
    private static String sslMode(ConnectionFactoryOptions options) {
        Object mode = value(options, "sslMode");
        if (mode != null) {
            return mode.toString().toLowerCase(Locale.ROOT).replace('_', '-');
        }
        return Boolean.parseBoolean(text(options, "ssl", "false")) ? "verify-full" : "disable";
    }

    private static void add(StringJoiner query, String name, @Nullable Object value) {
        if (value != null) {
            query.add(name + "=" + encoded(value.toString()));
        }
    }

    private static String text(ConnectionFactoryOptions options, String name, String otherwise) {
        Object value = value(options, name);
        return value == null ? otherwise : value.toString();
    }

    private static @Nullable Object value(ConnectionFactoryOptions options, String name) {
        return options.getValue(Option.valueOf(name));
    }

    private static String encoded(String value) {
        return URLEncoder.encode(value, UTF_8).replace("+", "%20");
    }
}
