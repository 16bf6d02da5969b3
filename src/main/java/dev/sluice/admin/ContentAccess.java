package dev.sluice.admin;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.server.HandlerFunction;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/**
 * Who may see contents of logs. With users: those who are logged in, which filters in front have seen to. Without: who
 * is on this machine, if the server is bound to a loopback address; else nobody.
 */
public final class ContentAccess {

    static final String NO_USERS = "This shows contents of logs, and nobody may see them yet: set"
            + " sluice.admin.users.NAME.password (SLUICE_ADMIN_USERS_NAME_PASSWORD), or bind the server to a loopback"
            + " address (server.address). See docs/page.md.\n";

    static final String OTHER_NAME =
            "Without users this is shown on the machine itself alone: ask 127.0.0.1 or" + " localhost for it.\n";

    static final String NO_LOGIN = "This shows contents of logs: log in.\n";

    /** Who asks is not on this machine then, only a proxy is. */
    private static final List<String> PROXIES_SAY =
            List.of("Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP");

    private final boolean hasUsers;
    private final boolean isLoopback;

    /**
     * Access to contents.
     *
     * @param hasUsers whether there is anybody who could log in
     * @param address what the server is bound to; null is every address
     */
    public ContentAccess(boolean hasUsers, @Nullable InetAddress address) {
        this.hasUsers = hasUsers;
        isLoopback = address != null && address.isLoopbackAddress();
    }

    /** The handler, for those who may. */
    HandlerFunction<ServerResponse> guard(HandlerFunction<ServerResponse> handler) {
        return request -> refusal(request)
                .flatMap(why -> why.map(ContentAccess::refused).orElseGet(() -> handler.handle(request)));
    }

    /** Why this one may not. */
    private Mono<Optional<String>> refusal(ServerRequest request) {
        if (hasUsers) {
            // The filters let nobody in without; it is asked again, for a filter may be missing where it is needed.
            return request.principal().hasElement().map(isIn -> isIn ? Optional.empty() : Optional.of(NO_LOGIN));
        }
        if (!isLoopback) {
            return Mono.just(Optional.of(NO_USERS));
        }
        boolean isLocal = isAskedLocally(request.headers().host())
                && PROXIES_SAY.stream().noneMatch(request.headers().asHttpHeaders()::containsHeader);
        return Mono.just(isLocal ? Optional.empty() : Optional.of(OTHER_NAME));
    }

    /** The name of a page elsewhere may be made to lead here, so that its scripts could read what is shown. */
    static boolean isAskedLocally(@Nullable InetSocketAddress host) {
        if (host == null) {
            return false;
        }
        String name = host.getHostString().replaceAll("^\\[|]$", "");
        if (name.equalsIgnoreCase("localhost")) {
            return true;
        }
        try {
            return InetAddress.ofLiteral(name).isLoopbackAddress();
        } catch (IllegalArgumentException noAddress) {
            return false;
        }
    }

    private static Mono<ServerResponse> refused(String why) {
        return ServerResponse.status(HttpStatus.FORBIDDEN)
                .contentType(MediaType.TEXT_PLAIN)
                .bodyValue(why);
    }
}
