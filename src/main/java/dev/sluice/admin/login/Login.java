package dev.sluice.admin.login;

import static org.springframework.security.web.server.util.matcher.ServerWebExchangeMatchers.pathMatchers;

import dev.sluice.admin.ContentEndpoint;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.security.config.web.server.SecurityWebFiltersOrder;
import org.springframework.security.config.web.server.ServerHttpSecurity;
import org.springframework.security.web.server.SecurityWebFilterChain;
import org.springframework.security.web.server.WebFilterChainProxy;
import org.springframework.security.web.server.authentication.AuthenticationWebFilter;
import org.springframework.security.web.server.authentication.ServerFormLoginAuthenticationConverter;
import org.springframework.security.web.server.context.NoOpServerSecurityContextRepository;
import org.springframework.security.web.server.context.ServerSecurityContextRepository;
import org.springframework.security.web.server.context.WebSessionServerSecurityContextRepository;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebSession;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * The login: by HTTP Basic for programs, by a form and a session for the page. Requests that a browser makes for
 * another site never come as far as this, so there is no token against them.
 */
public final class Login {

    static final String PATH = "/login";

    private static final String LOGOUT = "/logout";

    /** What scripts of the page say, so that a browser does not ask for a password by a window of its own. */
    private static final String BY_SCRIPT = "X-Requested-With";

    private Login() {}

    /**
     * The filter in front of everything that shows contents.
     *
     * @param thread where passwords are compared
     */
    public static WebFilter filter(Map<String, Account> accounts, List<ContentEndpoint> contents, Scheduler thread) {
        Users users = new Users(accounts, thread);
        List<String> paths = new ArrayList<>(List.of(PATH, LOGOUT));
        contents.forEach(each -> paths.add(each.path()));
        ServerSecurityContextRepository sessions = new WebSessionServerSecurityContextRepository();
        SecurityWebFilterChain chain = ServerHttpSecurity.http()
                .securityMatcher(pathMatchers(paths.toArray(String[]::new)))
                .authenticationManager(users)
                .securityContextRepository(sessions)
                .addFilterAt(new LoginLimits(System::nanoTime), SecurityWebFiltersOrder.FIRST)
                .addFilterAt(form(users, sessions), SecurityWebFiltersOrder.FORM_LOGIN)
                .httpBasic(basic -> basic.securityContextRepository(NoOpServerSecurityContextRepository.getInstance())
                        .authenticationEntryPoint((exchange, failure) -> askForLogin(exchange)))
                .exceptionHandling(failures -> failures.authenticationEntryPoint(
                                (exchange, failure) -> askForLogin(exchange))
                        .accessDeniedHandler((exchange, failure) ->
                                said(exchange.getResponse(), HttpStatus.FORBIDDEN, "Your roles do not allow this.\n")))
                .authorizeExchange(who -> {
                    contents.forEach(each -> who.pathMatchers(each.path()).hasAuthority(Users.authority(each.role())));
                    who.anyExchange().permitAll();
                })
                .csrf(ServerHttpSecurity.CsrfSpec::disable)
                .headers(ServerHttpSecurity.HeaderSpec::disable)
                .requestCache(ServerHttpSecurity.RequestCacheSpec::disable)
                .logout(ServerHttpSecurity.LogoutSpec::disable)
                .build();
        return new WebFilterChainProxy(chain);
    }

    /** How to leave. */
    public static RouterFunction<ServerResponse> routes() {
        return RouterFunctions.route().POST(LOGOUT, Login::leave).build();
    }

    private static Mono<ServerResponse> leave(ServerRequest request) {
        return request.session()
                .flatMap(WebSession::invalidate)
                .then(ServerResponse.noContent().build());
    }

    private static WebFilter form(Users users, ServerSecurityContextRepository sessions) {
        AuthenticationWebFilter form = new AuthenticationWebFilter(users);
        form.setRequiresAuthenticationMatcher(pathMatchers(HttpMethod.POST, PATH));
        form.setServerAuthenticationConverter(new ServerFormLoginAuthenticationConverter());
        form.setSecurityContextRepository(sessions);
        form.setAuthenticationSuccessHandler((exchange, user) -> {
            exchange.getExchange().getResponse().setStatusCode(HttpStatus.NO_CONTENT);
            return exchange.getExchange().getResponse().setComplete();
        });
        form.setAuthenticationFailureHandler((exchange, failure) -> said(
                exchange.getExchange().getResponse(),
                HttpStatus.UNAUTHORIZED,
                "No user with this name has this password.\n"));
        return form;
    }

    private static Mono<Void> askForLogin(ServerWebExchange exchange) {
        if (!exchange.getRequest().getHeaders().containsHeader(BY_SCRIPT)) {
            exchange.getResponse().getHeaders().set(HttpHeaders.WWW_AUTHENTICATE, "Basic realm=\"Sluice\"");
        }
        return said(exchange.getResponse(), HttpStatus.UNAUTHORIZED, "This shows contents of logs: log in.\n");
    }

    private static Mono<Void> said(ServerHttpResponse response, HttpStatus status, String text) {
        response.setStatusCode(status);
        response.getHeaders().setContentType(MediaType.TEXT_PLAIN);
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return response.writeWith(Mono.just(response.bufferFactory().wrap(bytes)));
    }
}
