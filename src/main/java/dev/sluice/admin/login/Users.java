package dev.sluice.admin.login;

import dev.sluice.admin.Role;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.security.authentication.BadCredentialsException;
import org.springframework.security.authentication.ReactiveAuthenticationManager;
import org.springframework.security.authentication.UsernamePasswordAuthenticationToken;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.authority.SimpleGrantedAuthority;
import org.springframework.security.crypto.bcrypt.BCrypt;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * Compares names and passwords, on a thread of its own: that takes long on purpose, and must hold up neither health nor
 * events. For a name that nobody has a password is compared as well, so that the time does not tell.
 */
final class Users implements ReactiveAuthenticationManager {

    private static final String BCRYPT = "{bcrypt}";
    private static final String NOOP = "{noop}";

    private final Map<String, Account> users;
    private final Account nobody;
    private final Scheduler thread;

    Users(Map<String, Account> users, Scheduler thread) {
        this.users = Map.copyOf(users);
        this.thread = thread;
        nobody = new Account(users.values().iterator().next().password(), List.of());
    }

    @Override
    public Mono<Authentication> authenticate(Authentication claimed) {
        return Mono.fromCallable(() -> check(claimed)).subscribeOn(thread);
    }

    private Authentication check(Authentication claimed) {
        String name = String.valueOf(claimed.getPrincipal());
        String password = String.valueOf(claimed.getCredentials());
        @Nullable Account known = users.get(name);
        boolean isRight =
                matches(password, Optional.ofNullable(known).orElse(nobody).password());
        if (known == null || !isRight) {
            throw new BadCredentialsException("no such user with this password");
        }
        return UsernamePasswordAuthenticationToken.authenticated(
                name,
                null,
                known.roles().stream()
                        .map(Users::authority)
                        .map(SimpleGrantedAuthority::new)
                        .toList());
    }

    static String authority(Role role) {
        return role.name().toLowerCase(Locale.ROOT);
    }

    private static boolean matches(String password, String encoded) {
        if (encoded.startsWith(BCRYPT)) {
            return BCrypt.checkpw(password, encoded.substring(BCRYPT.length()));
        }
        return MessageDigest.isEqual(
                password.getBytes(StandardCharsets.UTF_8),
                encoded.substring(NOOP.length()).getBytes(StandardCharsets.UTF_8));
    }
}
