package dev.sluice.launch;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;

/**
 * The main class of the jar, readable by every Java since 8: it starts the service, or says in one line that this Java
 * is too old for it. Without it that is a stack trace about the version of a class file.
 */
public final class Launcher {

    private static final int NEEDED = 25;
    private static final String SERVICE = "org.springframework.boot.loader.launch.JarLauncher";

    private Launcher() {}

    /** Starts the service with the same arguments; ends with 1 where this Java cannot. */
    public static void main(String[] args) throws Throwable {
        String version = System.getProperty("java.specification.version");
        if (isTooOld(version)) {
            PrintStream error = new PrintStream(new FileOutputStream(FileDescriptor.err), true);
            error.println(refusal(version, System.getProperty("java.home")));
            System.exit(1);
        }
        try {
            // By name: what is compiled for the JDK of the build cannot be seen from here.
            Class.forName(SERVICE).getMethod("main", String[].class).invoke(null, (Object) args);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    /** Up to Java 8 the version is written as 1.8. */
    static boolean isTooOld(String version) {
        return version.startsWith("1.") || Integer.parseInt(version) < NEEDED;
    }

    static String refusal(String version, String home) {
        String name = version.startsWith("1.") ? version.substring(2) : version;
        return "Sluice needs Java " + NEEDED + "; this is Java " + name + " (" + home + ")";
    }
}
