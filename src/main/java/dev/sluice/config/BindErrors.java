package dev.sluice.config;

import static java.util.Objects.requireNonNullElse;

import java.time.Duration;
import java.time.ZoneId;
import java.util.Arrays;
import java.util.Locale;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.validation.BindValidationException;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.core.convert.ConversionException;
import org.springframework.util.unit.DataSize;
import org.springframework.validation.FieldError;
import org.springframework.validation.ObjectError;

/** Says of a value below {@code sluice} that cannot be used which property it is, and what is expected. */
@Order(Ordered.HIGHEST_PRECEDENCE)
final class BindErrors extends AbstractFailureAnalyzer<BindException> {

    /** Validation writes the key of a map as an index. */
    private static final Pattern NAMED = Pattern.compile("\\[([a-z][\\w-]*)]");

    @Override
    protected @Nullable FailureAnalysis analyze(Throwable rootFailure, BindException failure) {
        String name = failure.getName().toString();
        if (!name.equals("sluice") && !name.startsWith("sluice.")) {
            return null;
        }
        return new FailureAnalysis(
                said(name, failure), "docs/configuration.md has the bounds of each property.", failure);
    }

    private static String said(String name, BindException failure) {
        BindValidationException invalid = cause(failure, BindValidationException.class);
        if (invalid != null) {
            return invalid.getValidationErrors().getAllErrors().stream()
                    .map(error -> said(invalid.getValidationErrors().getName().toString(), error))
                    .collect(Collectors.joining("\n"));
        }
        ConversionException unread = cause(failure, ConversionException.class);
        if (unread != null && failure.getProperty() != null) {
            String expected = expected(failure.getTarget().getType().resolve(Object.class));
            return expected == null
                    ? name + ": " + root(failure).getMessage()
                    : name + " is \"" + failure.getProperty().getValue() + "\", expected " + expected;
        }
        return name + "." + root(failure).getMessage();
    }

    private static String said(String prefix, ObjectError error) {
        String message = requireNonNullElse(error.getDefaultMessage(), "is wrong")
                .replace("greater than or equal to", "at least")
                .replace("less than or equal to", "at most");
        return error instanceof FieldError field
                ? prefix + "."
                        + NAMED.matcher(PropertyName.dashed(field.getField())).replaceAll(".$1") + " is "
                        + field.getRejectedValue() + ", which " + message
                : prefix + " " + message;
    }

    private static @Nullable String expected(Class<?> type) {
        if (type.isEnum()) {
            return "one of "
                    + Arrays.stream(type.getEnumConstants())
                            .map(value -> ((Enum<?>) value)
                                    .name()
                                    .toLowerCase(Locale.ROOT)
                                    .replace('_', '-'))
                            .collect(Collectors.joining(", "));
        }
        if (type == DataSize.class) {
            return "a size, such as 64MB";
        }
        if (type == Duration.class) {
            return "a time, such as 30s";
        }
        if (type == int.class || type == Integer.class) {
            return "a whole number";
        }
        if (type == boolean.class) {
            return "true or false";
        }
        return type == ZoneId.class ? "a zone, such as Europe/Berlin" : null;
    }

    private static <T extends Throwable> @Nullable T cause(Throwable failure, Class<T> type) {
        return causes(failure)
                .filter(type::isInstance)
                .map(type::cast)
                .findFirst()
                .orElse(null);
    }

    private static Throwable root(Throwable failure) {
        return causes(failure).reduce(failure, (before, next) -> next);
    }

    private static Stream<Throwable> causes(Throwable failure) {
        return Stream.iterate(failure, Objects::nonNull, Throwable::getCause);
    }
}
