package dev.sluice.config;

import jakarta.validation.Valid;
import java.util.List;
import java.util.Map;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The page for operators, and who may see contents of logs there.
 *
 * @param page whether the page and its endpoints are served: on, off, or management, at {@code management.server.port}
 * @param users who may see contents of logs, and replay dead letters, by name; without any, nobody may unless the
 *     server is bound to a loopback address
 */
public record AdminProperties(
        @DefaultValue("on") Page page, @DefaultValue Map<String, @Valid User> users) {

    /** Keeps its own copy. */
    public AdminProperties {
        users = Map.copyOf(users);
    }

    /** Where the page is. */
    public enum Page {
        /** At {@code server.port}. */
        ON,
        /** Nowhere. */
        OFF,
        /** At {@code management.server.port}. */
        MANAGEMENT
    }

    /** What a user may do. */
    public enum Role {
        /** See contents of logs: dead letters, and events as they come. */
        LOOK,
        /** Have dead letters stored anew. */
        REPLAY
    }

    /**
     * One who may log in.
     *
     * @param password encoded by bcrypt, as {@code {bcrypt}$2y$10$...}; or in the clear, as {@code {noop}...}
     * @param roles what the user may do: look, replay
     */
    public record User(
            @DefaultValue("") String password,
            @DefaultValue("look") List<Role> roles) {

        /** A higher cost would let one who guesses keep the machine busy. */
        private static final String BCRYPT = "\\{bcrypt}\\$2[aby]\\$(0[4-9]|1[0-4])\\$[./A-Za-z0-9]{53}";

        /** Refuses what would be no password. */
        public User {
            if (!password.matches(BCRYPT) && !password.matches("\\{noop}.+")) {
                throw new IllegalArgumentException("password is not encoded, expected {bcrypt} and what"
                        + " \"htpasswd -nBC 10 NAME\" prints after the colon (cost 4 to 14), or {noop} and the password"
                        + " itself");
            }
            roles = List.copyOf(roles);
        }

        /** Without the password. */
        @Override
        public String toString() {
            return "User[roles=" + roles + "]";
        }
    }
}
