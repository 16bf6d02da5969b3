package dev.sluice.admin;

import dev.sluice.admin.status.StatusStream;
import java.util.List;
import java.util.Map;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.server.RequestPredicates;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/** Everything that is served beside the actuator. */
public final class PageRoutes {

    private PageRoutes() {}

    /** The routes, at {@code port} alone. */
    public static RouterFunction<ServerResponse> of(
            PagePort port, StatusStream status, ContentAccess access, List<ContentEndpoint> contents) {
        RouterFunctions.Builder routes = RouterFunctions.route();
        PageFiles.addTo(routes);
        routes.GET("/status", status::answer);
        routes.GET("/login", PageRoutes::who);
        for (ContentEndpoint each : contents) {
            routes.route(
                    RequestPredicates.method(each.method()).and(RequestPredicates.path(each.path())),
                    access.guard(each.handler()));
        }
        return RouterFunctions.nest(port, routes.build());
    }

    /** Who is logged in; nobody where there is no login. */
    private static Mono<ServerResponse> who(ServerRequest request) {
        return request.principal()
                .map(user -> Map.of("user", user.getName()))
                .defaultIfEmpty(Map.of())
                .flatMap(answer -> ServerResponse.ok()
                        .contentType(MediaType.APPLICATION_JSON)
                        .bodyValue(answer));
    }
}
