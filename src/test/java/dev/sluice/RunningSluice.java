package dev.sluice;

import dev.sluice.listen.TcpListener;
import dev.sluice.testing.PostgresExtension;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

/** The whole application in this JVM, on a test's database and on free ports. */
final class RunningSluice implements AutoCloseable {

    private final ConfigurableApplicationContext context;

    private RunningSluice(ConfigurableApplicationContext context) {
        this.context = context;
    }

    static RunningSluice on(PostgresExtension postgres, String... more) {
        return new RunningSluice(new SpringApplicationBuilder(SluiceApplication.class).run(arguments(postgres, more)));
    }

    /** What the application is told, as command line arguments; of two with one name the last one holds. */
    static String[] arguments(PostgresExtension postgres, String... more) {
        List<String> arguments = new ArrayList<>(List.of(
                "--spring.r2dbc.url=" + postgres.r2dbcUrl(),
                "--spring.r2dbc.username=" + postgres.user(),
                "--spring.r2dbc.password=" + postgres.password(),
                "--server.port=0",
                "--sluice.listeners.main.host=127.0.0.1",
                "--sluice.listeners.main.port=0",
                "--sluice.listeners.main.max-connections=1000"));
        for (String argument : more) {
            String name = argument.substring(0, argument.indexOf('=') + 1);
            arguments.removeIf(earlier -> earlier.startsWith(name));
            arguments.add(argument);
        }
        return arguments.toArray(String[]::new);
    }

    int port() {
        return ((TcpListener) context.getBean("listeners", List.class).getFirst()).port();
    }

    /** A part of it. */
    <T> T part(Class<T> type) {
        return context.getBean(type);
    }

    /** The sum of a gauge or counter over all its labels. */
    double metric(String name) {
        return sum(context.getBean(MeterRegistry.class).find(name).meters());
    }

    /** The sum of a gauge or counter over the labels beside this one. */
    double metric(String name, String label, String value) {
        return sum(context.getBean(MeterRegistry.class)
                .find(name)
                .tag(label, value)
                .meters());
    }

    /** A gauge or counter with all its labels, as text. */
    String labelled(String name) {
        StringBuilder text = new StringBuilder(name);
        for (Meter meter : context.getBean(MeterRegistry.class).find(name).meters()) {
            text.append(' ').append(meter.getId().getTags()).append('=').append((long) sum(List.of(meter)));
        }
        return text.toString();
    }

    private static double sum(Collection<Meter> meters) {
        double sum = 0;
        for (Meter meter : meters) {
            sum += switch (meter) {
                case Gauge gauge -> gauge.value();
                case Counter counter -> counter.count();
                case FunctionCounter counter -> counter.count();
                default -> throw new IllegalArgumentException(meter.getId().toString());
            };
        }
        return sum;
    }

    @Override
    public void close() {
        context.close();
    }
}
