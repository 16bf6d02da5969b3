package dev.sluice;

import dev.sluice.admin.ContentEndpoint;
import dev.sluice.admin.PagePort;
import dev.sluice.admin.Role;
import dev.sluice.admin.login.Account;
import dev.sluice.admin.login.Login;
import dev.sluice.config.AdminProperties;
import dev.sluice.config.SluiceProperties;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Condition;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.type.AnnotatedTypeMetadata;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerResponse;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.session.CookieWebSessionIdResolver;
import org.springframework.web.server.session.WebSessionIdResolver;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/** The login, and with it Spring Security: where nobody can log in, none of its classes is loaded. */
@Configuration(proxyBeanMethods = false)
@Conditional(LoginConfiguration.UsersAreSet.class)
class LoginConfiguration {

    /** More than may be tried at a time. */
    private static final int QUEUE = 64;

    @Bean(destroyMethod = "dispose")
    Scheduler loginThread() {
        return Schedulers.newBoundedElastic(1, QUEUE, "sluice-login", 60, true);
    }

    @Bean
    WebFilter loginFilter(SluiceProperties properties, List<ContentEndpoint> contents, Scheduler loginThread) {
        Map<String, Account> accounts = properties.admin().users().entrySet().stream()
                .collect(Collectors.toMap(Map.Entry::getKey, user -> account(user.getValue())));
        return Login.filter(accounts, contents, loginThread);
    }

    private static Account account(AdminProperties.User user) {
        return new Account(
                user.password(),
                user.roles().stream().map(role -> Role.valueOf(role.name())).toList());
    }

    @Bean
    RouterFunction<ServerResponse> loginRoutes(PagePort port) {
        return RouterFunctions.nest(port, Login.routes());
    }

    /** The cookie is for the page alone, whatever leads to it. */
    @Bean
    WebSessionIdResolver webSessionIdResolver() {
        CookieWebSessionIdResolver cookie = new CookieWebSessionIdResolver();
        cookie.setCookieName("SLUICE");
        cookie.addCookieInitializer(made -> made.sameSite("Strict"));
        return cookie;
    }

    /** Asked of what is configured, before anything of the login is read. */
    static final class UsersAreSet implements Condition {

        @Override
        public boolean matches(ConditionContext context, AnnotatedTypeMetadata metadata) {
            return Binder.get(context.getEnvironment())
                    .bind("sluice.admin.users", Bindable.mapOf(String.class, Object.class))
                    .map(users -> !users.isEmpty())
                    .orElse(false);
        }
    }
}
