package dev.sluice;

import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What is configured under {@code spring.r2dbc} leads to no PostgreSQL; the message says why and what would. */
final class DatabaseOptionsException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    DatabaseOptionsException(RuntimeException mistake) {
        super(
                "spring.r2dbc (SPRING_R2DBC_URL, SPRING_R2DBC_USERNAME, SPRING_R2DBC_PASSWORD) is wrong: "
                        + messages(mistake)
                        + ". A right address is, for example, r2dbc:postgresql://postgres:5432/sluice",
                mistake);
    }

    /** What the driver says first does not name the value. */
    private static String messages(Throwable mistake) {
        return Stream.iterate(mistake, Objects::nonNull, Throwable::getCause)
                .map(Throwable::getMessage)
                .filter(Objects::nonNull)
                .distinct()
                .collect(Collectors.joining(": "));
    }
}
