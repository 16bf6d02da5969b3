package dev.sluice.config;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;

/**
 * Takes the database's address also as JDBC and libpq write it, {@code jdbc:postgresql://} and {@code postgresql://},
 * because that is what providers of databases and their operators hand out.
 */
@Order(Ordered.HIGHEST_PRECEDENCE)
public final class DatabaseAddress implements ApplicationContextInitializer<ConfigurableApplicationContext> {

    private static final String PROPERTY = "spring.r2dbc.url";

    /** The part before the question mark, and the parameters. */
    private static final Pattern ADDRESS = Pattern.compile(
            "(?:jdbc:postgresql:|postgres(?:ql)?:(?=//))(?://(?<server>[^/?]*)/?)?(?<name>[^?]*)(?:\\?(?<query>.*))?");

    /** As the driver calls them; it passes over what it does not know. */
    private static final Map<String, String> PARAMETERS = Map.of(
            "sslmode", "sslMode",
            "sslrootcert", "sslRootCert",
            "sslcert", "sslCert",
            "sslkey", "sslKey",
            "sslpassword", "sslPassword",
            "currentSchema", "schema");

    @Override
    public void initialize(ConfigurableApplicationContext context) {
        ConfigurableEnvironment environment = context.getEnvironment();
        String url = environment.getProperty(PROPERTY);
        String taken = url == null ? null : r2dbc(url.trim());
        if (taken != null) {
            environment
                    .getPropertySources()
                    .addFirst(new MapPropertySource("databaseAddress", Map.of(PROPERTY, taken)));
        }
    }

    /** The address for the driver, or null when it is not one of the other kinds. */
    static @Nullable String r2dbc(String url) {
        Matcher address = ADDRESS.matcher(url);
        if (!address.matches()) {
            return null;
        }
        String server =
                address.group("server") == null || address.group("server").isEmpty()
                        ? "localhost"
                        : address.group("server");
        StringBuilder query = new StringBuilder();
        String user = "";
        String password = "";
        String parameters = address.group("query");
        for (String parameter : parameters == null ? new String[0] : parameters.split("&", -1)) {
            int equals = parameter.indexOf('=');
            String name = equals < 0 ? parameter : parameter.substring(0, equals);
            String value = equals < 0 ? "true" : parameter.substring(equals + 1);
            switch (name) {
                case "user" -> user = encoded(value);
                case "password" -> password = ":" + encoded(value);
                default ->
                    query.append(query.isEmpty() ? '?' : '&')
                            .append(PARAMETERS.getOrDefault(name, name))
                            .append('=')
                            .append(value);
            }
        }
        return (server.indexOf(',', server.lastIndexOf('@') + 1) >= 0
                        ? "r2dbc:postgresql:failover://"
                        : "r2dbc:postgresql://")
                + (user.isEmpty() ? "" : user + password + "@") + server + "/" + address.group("name") + query;
    }

    /** What a parameter may have as it is, and the part in front of the server may not. */
    private static String encoded(String value) {
        return value.replace("@", "%40").replace("/", "%2F").replace(":", "%3A").replace("#", "%23");
    }
}
