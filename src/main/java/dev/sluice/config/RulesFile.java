package dev.sluice.config;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.rule.settings.RuleEnvironment;
import dev.sluice.rule.settings.SettingTree;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.core.env.ConfigurableEnvironment;

/**
 * The file that {@code sluice.pipeline.processors-file} names. It is read anew while the service runs, so whatever
 * stands there takes a bounded time and little memory, and is refused in words.
 */
final class RulesFile {

    static final String PROPERTY = "sluice.pipeline.processors-file";

    /** Some thousand rules; a ConfigMap holds 1 MB. */
    private static final int BYTES_MAX = 256 * 1024;

    private static final int VERSION_BYTES = 6;

    private final Path path;
    private final ConfigurableEnvironment placeholders;
    private final RuleEnvironment environment;

    /**
     * What stood there at one time.
     *
     * @param version tells one text from another
     * @param problem why there is no text
     */
    record Content(String version, String text, @Nullable String problem) {

        /** Of two with the same one there is nothing new. */
        String identity() {
            return problem == null ? version : problem;
        }
    }

    RulesFile(String path, ConfigurableEnvironment placeholders, RuleEnvironment environment) {
        this.path = path(path);
        this.placeholders = placeholders;
        this.environment = environment;
    }

    /** A text that looks like a URL is one of a file, as Spring's users write it. */
    private static Path path(String text) {
        try {
            return Path.of(text.startsWith("file:") ? text.substring("file:".length()) : text);
        } catch (InvalidPathException e) {
            throw new StartupException(PROPERTY + " is \"" + text + "\", expected the path of a file", e.getReason());
        }
    }

    /** What stands in the file that is configured; empty when there is none, or it cannot be read. */
    static String textOf(ConfigurableEnvironment environment) {
        String path = environment.getProperty(PROPERTY, "");
        return path.isEmpty() ? "" : read(path(path)).text();
    }

    Content read() {
        return read(path);
    }

    private static Content read(Path path) {
        try {
            byte[] bytes = bytes(path);
            return new Content(version(bytes), text(bytes), null);
        } catch (IOException e) {
            return new Content("", "", path + " " + problem(e));
        }
    }

    private static byte[] bytes(Path path) throws IOException {
        BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
        if (!attributes.isRegularFile()) {
            throw new IOException(attributes.isDirectory() ? "is a directory" : "is not a file");
        }
        try (InputStream in = Files.newInputStream(path)) {
            byte[] bytes = in.readNBytes(BYTES_MAX + 1);
            if (bytes.length > BYTES_MAX) {
                throw new IOException("is larger than " + BYTES_MAX / 1024 + " KB");
            }
            return bytes;
        }
    }

    private static String text(byte[] bytes) throws CharacterCodingException {
        return UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    }

    private static String problem(IOException failure) {
        return switch (failure) {
            case NoSuchFileException _ -> "does not exist";
            case AccessDeniedException _ -> "may not be read by this process";
            case CharacterCodingException _ -> "is not UTF-8";
            case FileSystemException other ->
                "cannot be read: " + Objects.requireNonNullElse(other.getReason(), "no reason is given");
            default -> Objects.requireNonNullElse(failure.getMessage(), failure.toString());
        };
    }

    private static String version(byte[] bytes) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(bytes);
            return HexFormat.of().formatHex(digest, 0, VERSION_BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java has SHA-256", e);
        }
    }

    /**
     * The rules that stand there, checked.
     *
     * @throws StartupException with all that is wrong
     */
    WorkerRules rules(Content content) {
        if (content.problem() != null) {
            throw new StartupException(content.problem(), "It is named by " + PROPERTY + ".");
        }
        try {
            SettingTree settings = ProcessorSettings.read(RulesYaml.read(content.text()), placeholders);
            return new WorkerRules(settings, environment, this, content.identity());
        } catch (StartupException wrong) {
            throw new StartupException(path + ": " + wrong.getMessage(), wrong.action(), wrong);
        } catch (RuntimeException unforeseen) {
            throw new StartupException(
                    path + ": " + unforeseen.getMessage(), "Put the value in quotes, or write it plainly.", unforeseen);
        } catch (StackOverflowError deep) {
            throw new StartupException(
                    path + ": something is nested too deeply", "Look for many brackets in an expression.", deep);
        }
    }

    @Override
    public String toString() {
        return path.toString();
    }
}
