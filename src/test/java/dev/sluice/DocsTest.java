package dev.sluice;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What README.md and the pages beside it name is there: files, headings, properties, meters, classes. */
class DocsTest {

    private static final Pattern LINK = Pattern.compile("\\]\\((?![a-z]+:)([^)#\\s]*)(?:#([^)\\s]+))?\\)");
    private static final Pattern CODE = Pattern.compile("(?ms)^```.*?^```");
    private static final Pattern HEADING = Pattern.compile("(?m)^#+ (.+)$");
    private static final Pattern METER = Pattern.compile("\\bsluice(?:_[a-z]+)+");
    private static final Pattern PROPERTY = Pattern.compile("(?<![\\w./-])sluice(?:\\.[a-zA-Z*-]+)+");
    private static final Pattern CLASS = Pattern.compile("`((?:[A-Z][a-z0-9]+){2,})(?:[#.(][^`]*)?`");

    /** Attributes that Sluice adds to an event are called as properties are. */
    private static final Set<String> ATTRIBUTES =
            Set.of("sluice.original", "sluice.sample", "sluice.message", "sluice.COLUMN");

    @Test
    void everyLinkLeadsToAFileAndAHeading() {
        List<String> broken = new ArrayList<>();
        pages().forEach(page -> LINK.matcher(prose(page)).results().forEach(link -> {
            Path target = link.group(1).isEmpty()
                    ? page
                    : page.resolveSibling(link.group(1)).normalize();
            String anchor = link.group(2);
            if (!Files.exists(target) || anchor != null && !anchors(target).contains(anchor)) {
                broken.add(page + ": " + link.group());
            }
        }));
        assertThat(broken).isEmpty();
    }

    @Test
    void everyPropertyExists() throws IOException {
        Set<String> properties = ConfigurationPageTest.properties();
        assertThat(named(PROPERTY)
                        .map(name -> name.replaceFirst("listeners\\.[a-z*]+", "listeners.NAME"))
                        .filter(name ->
                                !ATTRIBUTES.contains(name) && !name.matches(".*\\.(jar|aot|crt|key|example|yml)"))
                        .filter(name -> properties.stream()
                                .noneMatch(property -> property.equals(name) || property.startsWith(name + "."))))
                .isEmpty();
    }

    @Test
    void everyMeterExists() {
        String page = read(Path.of("docs/metrics.md"));
        assertThat(named(METER)
                        .map(name -> name.replaceFirst("_(max|count|sum|bucket)$", ""))
                        .filter(name -> !page.contains("| `" + name + "` |")))
                .isEmpty();
    }

    @Test
    void everyClassOfTheArchitectureExists() throws IOException {
        try (Stream<Path> sources = Files.walk(Path.of("src"))) {
            Set<String> classes = sources.map(
                            source -> source.getFileName().toString().replace(".java", ""))
                    .collect(Collectors.toSet());
            assertThat(CLASS.matcher(read(Path.of("docs/architecture.md")))
                            .results()
                            .map(name -> name.group(1))
                            .filter(name -> !classes.contains(name)))
                    .isEmpty();
        }
    }

    private static Stream<String> named(Pattern pattern) {
        return pages().flatMap(page -> pattern.matcher(read(page)).results().map(found -> found.group()));
    }

    private static Stream<Path> pages() {
        try (Stream<Path> docs = Files.list(Path.of("docs"));
                Stream<Path> bench = Files.list(Path.of("bench"));
                Stream<Path> root = Files.list(Path.of(""))) {
            return Stream.of(root, docs, bench)
                    .flatMap(folder -> folder)
                    .filter(page -> page.toString().endsWith(".md"))
                    .sorted()
                    .toList()
                    .stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String prose(Path page) {
        return CODE.matcher(read(page)).replaceAll("");
    }

    /** As GitHub makes them of headings: in lower case, dashes for blanks, without punctuation. */
    private static Set<String> anchors(Path page) {
        return HEADING.matcher(prose(page))
                .results()
                .map(heading -> heading.group(1)
                        .toLowerCase(Locale.ROOT)
                        .replaceAll("[^\\w\\- ]", "")
                        .replace(' ', '-'))
                .collect(Collectors.toSet());
    }

    private static String read(Path page) {
        try {
            return Files.readString(page);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
