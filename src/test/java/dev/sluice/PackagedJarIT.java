package dev.sluice;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The jar as it is handed out. */
class PackagedJarIT {

    private static final String JAR = System.getProperty("sluice.jar");
    private static final int CLASS_FILE_OF_JAVA_8 = 52;

    @Test
    void itsMainClassIsReadableByJava8() throws IOException {
        try (JarFile jar = new JarFile(JAR)) {
            String name = jar.getManifest().getMainAttributes().getValue("Main-Class");
            assertThat(name).isEqualTo("dev.sluice.launch.Launcher");
            try (DataInputStream input =
                    new DataInputStream(jar.getInputStream(jar.getEntry(name.replace('.', '/') + ".class")))) {
                assertThat(input.readInt()).isEqualTo(0xCAFEBABE);
                assertThat(input.readInt()).isEqualTo(CLASS_FILE_OF_JAVA_8);
            }
        }
    }

    /** By those that this machine has; LauncherTest needs none. */
    @Test
    void aJavaThatIsTooOldIsNamedInOneLine() throws Exception {
        for (Path home : oldOnes()) {
            assertThat(said(1, List.of(java(home), "-jar", JAR)))
                    .matches("Sluice needs Java 25; this is Java \\d+ \\(.+\\)\n");
        }
    }

    @Test
    void itSaysItsVersionAndRevision() throws IOException {
        try (JarFile jar = new JarFile(JAR);
                InputStream input = jar.getInputStream(jar.getEntry("META-INF/build-info.properties"))) {
            Properties build = new Properties();
            build.load(input);
            assertThat(build.getProperty("build.version")).matches("\\d+\\.\\d+\\.\\d+.*");
            assertThat(build.getProperty("build.revision")).matches("unknown|[0-9a-f]{40}(-dirty)?");
        }
    }

    @Test
    void itPrintsItsVersionAndItsHelp() throws Exception {
        String java = java(Path.of(System.getProperty("java.home")));
        assertThat(said(0, List.of(java, "-jar", JAR, "--version")))
                .matches("Sluice .+ \\(revision .+\\), Java 25.*\n");
        assertThat(said(0, List.of(java, "-jar", JAR, "--help")))
                .contains("java -jar sluice.jar", "sluice.pipeline\n  .memory: 64MB");
    }

    private static List<Path> oldOnes() throws IOException {
        List<Path> found = new ArrayList<>();
        Path all = Path.of("/usr/lib/jvm");
        if (Files.isDirectory(all)) {
            try (Stream<Path> homes = Files.list(all)) {
                homes.filter(PackagedJarIT::isOld).forEach(found::add);
            }
        }
        return found;
    }

    /**
     * As Java says it in the file "release" since 9; a folder that is only a name for another has been seen already.
     */
    private static boolean isOld(Path home) {
        Properties release = new Properties();
        try (InputStream input = Files.newInputStream(home.resolve("release"))) {
            release.load(input);
        } catch (IOException none) {
            return false;
        }
        String version = release.getProperty("JAVA_VERSION", "").replace("\"", "");
        return !version.isEmpty()
                && feature(version) < 25
                && Files.isExecutable(Path.of(java(home)))
                && !Files.isSymbolicLink(home);
    }

    /** Up to Java 8 the version is written as 1.8.0_392. */
    private static int feature(String version) {
        String since9 = version.startsWith("1.") ? version.substring(2) : version;
        return Integer.parseInt(since9.split("\\D", 2)[0]);
    }

    private static String java(Path home) {
        return home.resolve("bin").resolve("java").toString();
    }

    private static String said(int status, List<String> command) throws Exception {
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().keySet().removeIf(name -> name.contains("JAVA"));
        Process process = builder.start();
        String said = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertThat(process.waitFor()).isEqualTo(status);
        return said;
    }
}
