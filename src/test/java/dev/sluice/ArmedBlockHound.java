package dev.sluice;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import reactor.blockhound.BlockHound;
import reactor.blockhound.BlockingOperationError;

/**
 * The detector for this JVM, which can be armed once: it fails the call, and it remembers, in case nobody sees that.
 */
final class ArmedBlockHound {

    private static final Queue<Throwable> FOUND = new ConcurrentLinkedQueue<>();

    static {
        BlockHound.builder()
                .loadIntegrations()
                // Loading a class reads its file, once; it is over before there is load.
                .allowBlockingCallsInside("java.lang.ClassLoader", "loadClass")
                // The driver's login draws a nonce, which reads the system's random device: once a connection.
                .allowBlockingCallsInside("com.ongres.scram.common.ScramFunctions", "nonce")
                .blockingMethodCallback(method -> {
                    BlockingOperationError error = new BlockingOperationError(method);
                    FOUND.add(error);
                    throw error;
                })
                .install();
    }

    private ArmedBlockHound() {}

    /** Arms it and forgets what it found so far. */
    static void arm() {
        FOUND.clear();
    }

    /** Blocking calls since it was armed. */
    static Queue<Throwable> found() {
        return FOUND;
    }
}
