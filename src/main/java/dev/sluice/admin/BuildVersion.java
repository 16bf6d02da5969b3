package dev.sluice.admin;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/**
 * What was built, as the build wrote it down and as {@code /actuator/info} says it.
 *
 * @param version of the release, without "v"
 * @param revision the commit, with "-dirty" where the files differed from it; "unknown" where the build was told none
 */
public record BuildVersion(String version, String revision) {

    private static final String WRITTEN_BY_THE_BUILD = "/META-INF/build-info.properties";

    /** Of the classes that run here. */
    public static BuildVersion ofThisProgram() {
        try (InputStream input = BuildVersion.class.getResourceAsStream(WRITTEN_BY_THE_BUILD)) {
            Properties properties = new Properties();
            if (input != null) { // a run from an IDE has none
                properties.load(input);
            }
            return of(properties);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static BuildVersion of(Properties properties) {
        return new BuildVersion(
                properties.getProperty("build.version", "unknown"),
                properties.getProperty("build.revision", "unknown"));
    }

    /** As in "0.1.0 (revision 4ea5e9…)". */
    @Override
    public String toString() {
        return version + " (revision " + revision + ")";
    }
}
