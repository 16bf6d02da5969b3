package dev.sluice.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.event.RowGrowth;
import dev.sluice.event.RuleSet;
import dev.sluice.rule.ReloadObserver;
import dev.sluice.rule.RuleObserver;
import dev.sluice.rule.settings.RuleEnvironment;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;

class RulesInForceTest implements ReloadObserver {

    private static final String ONE = "- { name: one, filter: {} }\n";
    private static final String TWO = "- { name: two, when: { app: x }, route: { severity: notice } }\n";
    private static final String WRONG = "- { name: two, whne: { app: x }, filter: {} }\n";

    @TempDir
    private Path folder;

    private final StandardEnvironment environment = new StandardEnvironment();
    private final List<List<String>> ruled = new ArrayList<>();
    private final List<Boolean> results = new ArrayList<>();
    private Path file;
    private RulesInForce rules;

    @BeforeEach
    void start() throws IOException {
        file = folder.resolve("rules.yaml");
        write(ONE);
        rules = started(file);
    }

    @Test
    void anotherContentIsInForceAtTheSecondLookThatSeesIt() throws IOException {
        RuleSet first = rules.get();
        write(TWO);
        rules.look();
        assertThat(rules.get()).isSameAs(first);
        assertThat(rules.isOutdated()).isTrue();
        rules.look();
        assertThat(rules.get()).isNotSameAs(first);
        assertInForce("two");
        assertThat(ruled).containsExactly(List.of("one"), List.of("two"));
        assertThat(results).containsExactly(true);
    }

    /** Neither is what an editor has written of it so far, were it right by itself. */
    @Test
    void aFileThatChangesFromLookToLookIsNotTaken() throws IOException {
        for (int i = 0; i < 20; i++) {
            write(i % 2 == 0 ? "[]" : TWO);
            rules.look();
            assertThat(rules.isOutdated()).isTrue();
        }
        assertThat(names()).isEqualTo(List.of("one"));
        rules.look();
        assertInForce("two");
    }

    @Test
    void theSameContentIsNothingNew() throws IOException {
        RuleSet first = rules.get();
        for (int i = 0; i < 4; i++) {
            write(ONE);
            rules.look();
        }
        assertThat(rules.get()).isSameAs(first);
        assertThat(rules.isOutdated()).isFalse();
        assertThat(results).isEmpty();
    }

    @Test
    void wrongOnesAreRefusedOnceAndThoseBeforeStay() throws IOException {
        RuleSet first = rules.get();
        write(WRONG);
        lookOften();
        assertThat(rules.get()).isSameAs(first);
        assertThat(rules.isOutdated()).isTrue();
        assertThat(results).containsExactly(false);
        assertThat(refusal())
                .isEqualTo(file + ": The processors are not configured right: - sluice.pipeline.processors[0].whne"
                        + " (rule two): is unknown, expected one of name, when, filter, sample, redact, extract, map,"
                        + " enrich, route");
        write(ONE);
        lookOften();
        assertInForce("one");
        write(WRONG);
        lookOften();
        write(TWO);
        lookOften();
        assertInForce("two");
        assertThat(results).containsExactly(false, false, true);
    }

    /** As an editor does it that writes beside the file and renames. */
    @Test
    void aFileThatIsAwayForALookIsNotNoRules() throws IOException {
        RuleSet first = rules.get();
        Files.delete(file);
        rules.look();
        write(ONE);
        lookOften();
        assertThat(rules.get()).isSameAs(first);
        assertThat(results).isEmpty();
        Files.delete(file);
        lookOften();
        assertThat(rules.get()).isSameAs(first);
        assertThat(refusal()).isEqualTo(file + " does not exist");
        assertThat(rules.isOutdated()).isTrue();
        write(ONE);
        lookOften();
        assertInForce("one");
    }

    @Test
    void aConfigMapIsFollowedThroughItsLinks() throws IOException {
        Path mount = Files.createDirectory(folder.resolve("mount"));
        publish(mount, "..1", ONE);
        Files.createSymbolicLink(mount.resolve("rules.yaml"), Path.of("..data/rules.yaml"));
        rules = started(mount.resolve("rules.yaml"));
        publish(mount, "..2", TWO);
        lookOften();
        assertInForce("two");
    }

    private static void publish(Path mount, String version, String text) throws IOException {
        Path made = Files.createDirectory(mount.resolve(version));
        Files.writeString(made.resolve("rules.yaml"), text);
        Path link = mount.resolve("..data");
        Files.deleteIfExists(link);
        Files.createSymbolicLink(link, Path.of(version));
    }

    @Test
    void noRulesAreWritten() throws IOException {
        write("[]");
        lookOften();
        assertInForce();
        assertThat(rules.get().growth()).isEqualTo(RowGrowth.NONE);
    }

    static Stream<Arguments> whatIsNoListOfRules() {
        String laughs = "- &a0 [x]\n";
        for (int i = 1; i < 12; i++) {
            laughs += "- &a%d [%s]\n".formatted(i, ("*a" + (i - 1) + ",").repeat(4));
        }
        return Stream.of(
                Arguments.of("", "it is empty, expected a list of rules, or [] for none"),
                Arguments.of("# none\n", "it is empty"),
                Arguments.of("sluice: { pipeline: { processors: [] } }", "it is no list of rules; sluice.pipeline"),
                Arguments.of("- name: a\n  filter: {\n- name: b", "it is no YAML: line 3, column 1: "),
                Arguments.of("- { name: a, name: b }", "it is no YAML: line 1, column 14: found duplicate key name"),
                Arguments.of("[]\n---\n[]", "it is no YAML: line 2, column 1: but found another document"),
                Arguments.of("- !!java.net.URL [x]", "it is no YAML: line 1, column 3: Global tag is not allowed"),
                Arguments.of("- { ? [a] : b }", "a name in it is a list"),
                Arguments.of("- &a [*a]", "it holds more than 10000 values"),
                Arguments.of("- &a [x]\n- [" + "*a,".repeat(51) + "]", "aliases"),
                Arguments.of(laughs, "it holds more than 10000 values"),
                Arguments.of("- [" + "x,".repeat(10_001) + "]", "it holds more than 10000 values"),
                Arguments.of(
                        "- { ? " + "k".repeat(100_000) + " : { a: 1, b: 2, c: 3, d: 4, e: 5, f: 6, g: 7, h: 8,"
                                + " i: 9, j: 10 } }",
                        "it holds more than 10000 values, or some that are too long"),
                Arguments.of("[".repeat(100_000), "it is nested too deeply"),
                Arguments.of(
                        "- { name: a, when: { message: '" + "(".repeat(20_000) + ")".repeat(20_000)
                                + "' }, filter: {} }",
                        "when.message (rule a): has an expression that is too long"),
                Arguments.of(
                        "- { name: a, when: { message: '((a{100}){100}){100}' }, filter: {} }",
                        "when.message (rule a): has an expression that is too long, expected 20000 steps at most"),
                Arguments.of("- { name: a, sample: { share: 0x_ } }", "0x_"),
                Arguments.of("x".repeat(300_000), "is larger than 256 KB"));
    }

    @ParameterizedTest
    @MethodSource("whatIsNoListOfRules")
    void whatIsNoListOfRulesIsRefusedInWords(String text, String why) throws IOException {
        write(text);
        lookOften();
        assertThat(names()).isEqualTo(List.of("one"));
        assertThat(refusal()).contains(file + "", why);
        assertThat(results).containsExactly(false);
        assertThatThrownBy(() -> started(file))
                .isInstanceOf(StartupException.class)
                .hasMessageContaining(why);
    }

    @Test
    void whatIsNoFileIsRefusedInWords() throws IOException {
        Files.delete(file);
        Files.createDirectory(file);
        lookOften();
        assertThat(refusal()).isEqualTo(file + " is a directory");
        Files.delete(file);
        Files.createSymbolicLink(file, file);
        lookOften();
        assertThat(refusal()).contains(file + " cannot be read: Too many levels of symbolic links");
        Files.delete(file);
        Files.createSymbolicLink(file, Path.of("/dev/zero"));
        lookOften();
        assertThat(refusal()).isEqualTo(file + " is not a file");
        Files.delete(file);
        try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
            sparse.setLength(100 << 20);
        }
        lookOften();
        assertThat(refusal()).isEqualTo(file + " is larger than 256 KB");
        Files.write(file, new byte[] {'-', ' ', (byte) 0xff});
        lookOften();
        assertThat(refusal()).isEqualTo(file + " is not UTF-8");
        assertThat(names()).isEqualTo(List.of("one"));
    }

    @Test
    void rulesThatNeedMoreMemoryThanThereIsAreRefused() throws IOException {
        RuleSet first = rules.get();
        write("- { name: cards, redact: { patterns: [card] } }\n");
        lookOften();
        assertThat(rules.get()).isSameAs(first);
        assertThat(refusal()).isEqualTo("no room");
    }

    /** What application.yml takes, this file takes: names in brackets, placeholders, anchors, names with points. */
    @Test
    void aFileIsReadAsSpringReadsRules() throws IOException {
        environment.getPropertySources().addFirst(new MapPropertySource("more", Map.of("REGION", "eu-1")));
        write("""
                - name: a
                  when: &x { severity: debug..info, not: [ { app: checkout }, { attributes: { tenant: gold } } ] }
                  enrich.fields: { region: '${REGION}', '[a.b]': 0x10, since: 2026-01-01, none: }
                - { name: b, when: *x, sample: { share: 0.1, by: attributes.trace_id } }
                """);
        lookOften();
        assertInForce("a", "b");
        write("- { name: a, enrich: { fields: { region: '${REGIN}' } } }");
        lookOften();
        assertThat(refusal()).contains("fields.region (rule a): refers to ${REGIN}, which is not set");
    }

    @Test
    void theFileOfTheConfigurationIsReadAtTheStart() throws IOException {
        write(TWO);
        assertThat(configured(Map.of(RulesFile.PROPERTY, "file:" + file)).names())
                .containsExactly("two");
        assertThatThrownBy(() -> configured(Map.of(RulesFile.PROPERTY, folder + "/rules.yml")))
                .isInstanceOf(StartupException.class)
                .hasMessage(folder + "/rules.yml does not exist");
        assertThatThrownBy(() -> configured(
                        Map.of(RulesFile.PROPERTY, file.toString(), "sluice.pipeline.processors[0].name", "a")))
                .isInstanceOf(StartupException.class)
                .hasMessage("There are rules under sluice.pipeline.processors, and " + RulesFile.PROPERTY + " is "
                        + file + ".");
    }

    private static WorkerRules configured(Map<String, Object> values) {
        StandardEnvironment all = new StandardEnvironment();
        all.getPropertySources().addFirst(new MapPropertySource("line", values));
        return WorkerRules.of(all, Binder.get(all).bindOrCreate("sluice", SluiceProperties.class));
    }

    private void write(String text) throws IOException {
        Files.writeString(file, text);
    }

    private void lookOften() {
        for (int i = 0; i < 4; i++) {
            rules.look();
        }
    }

    private void assertInForce(String... names) {
        assertThat(names()).isEqualTo(List.of(names));
        assertThat(rules.isOutdated()).isFalse();
        assertThat(rules.details()).doesNotContainKey("refused").containsKeys("file", "version", "since");
    }

    private Object names() {
        return rules.details().get("names");
    }

    private String refusal() {
        return String.valueOf(rules.details().get("refused"));
    }

    private RulesInForce started(Path path) {
        RulesFile source =
                new RulesFile(path.toString(), environment, new RuleEnvironment(ZoneOffset.UTC, 64, variable -> null));
        return new RulesInForce(source.rules(source.read()), RulesInForceTest::requireSmall, this);
    }

    private static void requireSmall(RowGrowth growth) {
        if (growth.perByte() > 0) {
            throw new StartupException("no room", "");
        }
    }

    @Override
    public RuleObserver ruling(List<String> names) {
        ruled.add(names);
        return RuleObserver.NONE;
    }

    @Override
    public void reloaded(boolean isAccepted) {
        results.add(isAccepted);
    }
}
