package dev.sluice.admin;

import java.net.InetSocketAddress;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.web.reactive.function.server.RequestPredicate;
import org.springframework.web.reactive.function.server.ServerRequest;

/**
 * The port that the page is served at: with a management port there are two servers, and both know all routes.
 *
 * @param port by its name in the environment once it is bound; null serves nowhere
 */
public record PagePort(Supplier<@Nullable Integer> port) implements RequestPredicate {

    @Override
    public boolean test(ServerRequest request) {
        InetSocketAddress asked = request.exchange().getRequest().getLocalAddress();
        Integer here = port.get();
        return asked != null && here != null && asked.getPort() == here;
    }
}
