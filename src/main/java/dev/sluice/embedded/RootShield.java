package dev.sluice.embedded;

import java.util.List;

/** PostgreSQL refuses to run as root: in a user namespace of its own it does not see that it is. */
final class RootShield {

    private RootShield() {}

    /** What comes in front of a command. */
    static List<String> prefix() {
        return "root".equals(System.getProperty("user.name")) ? List.of("unshare", "--user") : List.of();
    }
}
