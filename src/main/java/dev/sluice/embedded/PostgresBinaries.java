package dev.sluice.embedded;

import io.zonky.test.db.postgres.embedded.DefaultPostgresBinaryResolver;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Locale;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.jspecify.annotations.Nullable;
import org.springframework.util.FileSystemUtils;
import org.tukaani.xz.XZInputStream;

/** The programs of PostgreSQL, unpacked once from the class path. */
final class PostgresBinaries {

    /** In the name of the folder, so that another version is unpacked beside the old one. */
    private static final String FOLDER = "postgresql-18.6";

    private PostgresBinaries() {}

    /** The folder {@code bin} of the installation below {@code parent}; unpacked first where it is missing. */
    static Path unpackedBelow(Path parent) throws IOException {
        Path installed = parent.resolve(FOLDER);
        if (!Files.isDirectory(installed)) {
            Files.createDirectories(parent);
            Path unpacking = Files.createTempDirectory(parent, FOLDER + "-");
            try {
                unpack(unpacking);
                moveUnlessThere(unpacking, installed);
            } finally {
                FileSystemUtils.deleteRecursively(unpacking);
            }
        }
        return installed.resolve("bin");
    }

    /** Several processes may unpack at once; the first one's folder stays. */
    private static void moveUnlessThere(Path unpacked, Path installed) throws IOException {
        try {
            Files.move(unpacked, installed, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            if (!Files.isDirectory(installed)) {
                throw e;
            }
        }
    }

    private static void unpack(Path target) throws IOException {
        try (InputStream archive = archive();
                TarArchiveInputStream entries = new TarArchiveInputStream(new XZInputStream(archive))) {
            TarArchiveEntry entry = entries.getNextEntry();
            while (entry != null) {
                unpack(entry, entries, target);
                entry = entries.getNextEntry();
            }
        }
    }

    private static void unpack(TarArchiveEntry entry, InputStream content, Path target) throws IOException {
        Path path = target.resolve(entry.getName()).normalize();
        if (!path.startsWith(target)) {
            throw new IOException("The archive of PostgreSQL leads out of its folder: " + entry.getName());
        }
        if (entry.isDirectory()) {
            Files.createDirectories(path);
            return;
        }
        Path folder = path.getParent();
        if (folder != null) {
            Files.createDirectories(folder);
        }
        if (entry.isSymbolicLink()) {
            Files.createSymbolicLink(path, Path.of(entry.getLinkName()));
        } else {
            Files.copy(content, path);
            if (path.startsWith(target.resolve("bin")) && !path.toFile().setExecutable(true, false)) {
                throw new IOException("Cannot make " + path + " executable.");
            }
        }
    }

    private static InputStream archive() throws IOException {
        String os = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
        String system = os.contains("mac") ? "Darwin" : os.contains("win") ? "Windows" : "Linux";
        String machine = System.getProperty("os.arch", "").replace("amd64", "x86_64");
        @Nullable InputStream archive = DefaultPostgresBinaryResolver.INSTANCE.getPgBinary(system, machine);
        if (archive == null) {
            throw new IOException("There is no embedded PostgreSQL for " + system + " on " + machine + ".");
        }
        return archive;
    }
}
