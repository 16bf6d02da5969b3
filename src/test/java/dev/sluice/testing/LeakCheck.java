package dev.sluice.testing;

import java.util.List;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;

/**
 * Fails the class after which a leaked buffer shows, or the whole run if it shows only at the end. Registered for every
 * test by {@code META-INF/services}.
 */
public final class LeakCheck implements BeforeAllCallback, AfterAllCallback {

    private static final Namespace NAMESPACE = Namespace.create(LeakCheck.class);

    @Override
    public void beforeAll(ExtensionContext context) {
        AutoCloseable atTheEnd = LeakCheck::assertNoLeaks;
        context.getRoot().getStore(NAMESPACE).computeIfAbsent("at the end", _ -> atTheEnd);
    }

    @Override
    public void afterAll(ExtensionContext context) {
        assertNoLeaks();
    }

    private static void assertNoLeaks() {
        List<String> leaks = LeakRecorder.takeLeaks();
        if (!leaks.isEmpty()) {
            throw new AssertionError(leaks.size() + " leaked: " + String.join("\n", leaks));
        }
    }
}
