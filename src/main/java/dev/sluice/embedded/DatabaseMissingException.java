package dev.sluice.embedded;

/** No database is configured, and none is embedded. */
final class DatabaseMissingException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    DatabaseMissingException() {
        super("No database is configured: set SPRING_R2DBC_URL (or the property spring.r2dbc.url), for example"
                + " r2dbc:postgresql://postgres:5432/sluice, with SPRING_R2DBC_USERNAME and SPRING_R2DBC_PASSWORD.");
    }
}
