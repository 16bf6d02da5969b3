package dev.sluice.admin.login;

import dev.sluice.admin.Role;
import java.util.List;

/**
 * One who may log in.
 *
 * @param password encoded, with how in braces before it
 */
public record Account(String password, List<Role> roles) {

    /** Without the password. */
    @Override
    public String toString() {
        return "Account[roles=" + roles + "]";
    }
}
