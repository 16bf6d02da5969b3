package dev.sluice;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongToAnyOf;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.GeneralCodingRules.NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.GeneralCodingRules.NO_CLASSES_SHOULD_USE_FIELD_INJECTION;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.AccessTarget.CodeUnitAccessTarget;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import dev.sluice.listen.admission.AcceptPause;
import dev.sluice.listen.admission.Descriptors;
import dev.sluice.listen.admission.Limits;
import dev.sluice.listen.admission.Network;
import dev.sluice.listen.budget.MemoryBudget;
import dev.sluice.listen.intake.FrameAssembler;
import dev.sluice.listen.intake.FrameSink;
import dev.sluice.listen.intake.FramedRead;
import dev.sluice.listen.intake.Framing;
import dev.sluice.listen.intake.FramingState;
import dev.sluice.listen.intake.Intake;
import dev.sluice.listen.report.ConnectionView;
import dev.sluice.listen.report.ListenObserver;
import dev.sluice.listen.tls.TlsCredentials;
import dev.sluice.listen.tls.TlsMaterial;
import dev.sluice.listen.tls.TlsSettings;
import dev.sluice.protocol.forward.ForwardLimits;
import dev.sluice.protocol.forward.ForwardSecurity;
import dev.sluice.rule.field.EventJson;
import dev.sluice.rule.field.RuleContext;
import dev.sluice.rule.settings.InvalidRulesException;
import dev.sluice.rule.settings.RuleEnvironment;
import dev.sluice.rule.settings.SettingTree;
import dev.sluice.store.batch.Batch;
import dev.sluice.store.copy.CopyRowEncoder;
import dev.sluice.store.database.DatabaseHosts;
import dev.sluice.store.database.HostAddress;
import dev.sluice.store.database.JdbcUrl;
import dev.sluice.store.database.TableHome;
import dev.sluice.store.database.TableLayout;
import dev.sluice.store.failure.TransactionPhase;
import dev.sluice.store.schema.DatabaseAccount;
import dev.sluice.store.schema.DatabaseFinding;
import dev.sluice.store.schema.DayIndex;
import dev.sluice.store.schema.FinishedDaySettings;
import dev.sluice.store.schema.IndexKeeper;
import dev.sluice.store.schema.Ledger;
import dev.sluice.store.schema.PartitionKeeper;
import dev.sluice.store.schema.PartitionSettings;
import dev.sluice.store.schema.SchemaMigration;
import dev.sluice.store.schema.SchemaMigrationException;
import dev.sluice.store.schema.SchemaSettings;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Hooks;
import reactor.core.publisher.Mono;
import reactor.core.publisher.ParallelFlux;
import reactor.core.publisher.Sinks;

/** Keeps the promises that the package diagram makes, and the operators out that have no bound. */
class ArchitectureTest {

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("dev.sluice");

    private static final int ANY = -1;

    @Test
    void classesWereLoaded() {
        assertThat(CLASSES).isNotEmpty();
    }

    @Test
    void stagesNeverImportEachOther() {
        check(slices().matching("dev.sluice.(listen|protocol|process|rule|store)..")
                .should()
                .notDependOnEachOther());
    }

    @Test
    void packagesAreFreeOfCycles() {
        check(slices().matching("dev.sluice.(**)").should().beFreeOfCycles());
    }

    @Test
    void textDependsOnNothing() {
        check(classes()
                .that()
                .resideInAPackage("dev.sluice.text..")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage("dev.sluice.text..", "java..", "org.jspecify.."));
    }

    @Test
    void eventDependsOnTextAlone() {
        check(classes()
                .that()
                .resideInAPackage("dev.sluice.event..")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage("dev.sluice.event..", "dev.sluice.text..", "java..", "org.jspecify.."));
    }

    @Test
    void rulesDependOnEventsAndTextAlone() {
        check(classes()
                .that()
                .resideInAPackage("dev.sluice.rule..")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "dev.sluice.rule..",
                        "dev.sluice.event..",
                        "dev.sluice.text..",
                        "com.google.re2j..",
                        "java..",
                        "javax.crypto..",
                        "org.jspecify.."));
    }

    /** What became public so that a stage may have folders is still the stage's own. */
    @Test
    void theFoldersOfAStageAreItsOwn() {
        check(foldersOf(
                "listen",
                AcceptPause.class,
                ConnectionView.class,
                Descriptors.class,
                FrameAssembler.class,
                FrameSink.class,
                FramedRead.class,
                Framing.class,
                FramingState.class,
                Intake.class,
                Limits.class,
                ListenObserver.class,
                MemoryBudget.class,
                Network.class,
                TlsCredentials.class,
                TlsMaterial.class,
                TlsSettings.class));
        check(foldersOf("protocol", ForwardLimits.class, ForwardSecurity.class));
        check(foldersOf(
                "rule",
                EventJson.class,
                RuleContext.class,
                RuleEnvironment.class,
                InvalidRulesException.class,
                SettingTree.class));
        check(foldersOf(
                "store",
                Batch.class,
                CopyRowEncoder.class,
                DatabaseAccount.class,
                DatabaseFinding.class,
                DatabaseHosts.class,
                DayIndex.class,
                FinishedDaySettings.class,
                HostAddress.class,
                IndexKeeper.class,
                JdbcUrl.class,
                Ledger.class,
                Ledger.Table.class,
                PartitionKeeper.class,
                PartitionSettings.class,
                SchemaMigration.class,
                SchemaMigrationException.class,
                SchemaSettings.class,
                TableHome.class,
                TableLayout.class,
                TransactionPhase.class));
    }

    @Test
    void nothingDependsOnAdminButTheRoot() {
        check(onlyIn("dev.sluice.admin..", "dev.sluice", "dev.sluice.admin.."));
    }

    /** What operators write becomes settings of the stages before it reaches them. */
    @Test
    void nothingDependsOnTheConfigurationButWhatPutsThePartsTogether() {
        check(onlyIn(
                "dev.sluice.config..",
                "dev.sluice",
                "dev.sluice.config..",
                "dev.sluice.dryrun..",
                "dev.sluice.embedded.."));
    }

    @Test
    void nothingDependsOnTheDryRunButTheRoot() {
        check(onlyIn("dev.sluice.dryrun..", "dev.sluice", "dev.sluice.dryrun.."));
    }

    @Test
    void nothingDependsOnTheReplayButWhatAsksForOne() {
        check(onlyIn("dev.sluice.replay..", "dev.sluice", "dev.sluice.admin..", "dev.sluice.replay.."));
    }

    @Test
    void nothingDependsOnTheRoot() {
        check(onlyIn("dev.sluice", "dev.sluice"));
    }

    @Test
    void librariesStayAtTheirEdges() {
        check(onlyIn("io.netty..", "dev.sluice.listen..", "dev.sluice.store..", "dev.sluice.admin.."));
        // The root owns the event loops and hands them to the stages; the HTTP port runs on them, too.
        check(onlyIn(
                "reactor.netty..", "dev.sluice", "dev.sluice.listen..", "dev.sluice.store..", "dev.sluice.admin.."));
        check(onlyIn("io.r2dbc..", "dev.sluice", "dev.sluice.config..", "dev.sluice.store..", "dev.sluice.admin.."));
        check(onlyIn("io.micrometer..", "dev.sluice", "dev.sluice.metrics..", "dev.sluice.admin.."));
        check(onlyIn("com.google.re2j..", "dev.sluice.rule.."));
        check(onlyIn("io.zonky..", "dev.sluice.embedded.."));
        check(onlyIn("org.flywaydb..", "dev.sluice.store.."));
        check(onlyIn(
                "org.springframework..",
                "dev.sluice",
                "dev.sluice.admin..",
                "dev.sluice.config..",
                "dev.sluice.dryrun..",
                "dev.sluice.embedded.."));
    }

    @Test
    void nothingBlocks() {
        check(noClasses()
                .that()
                .doNotHaveFullyQualifiedName(PipelineLifecycle.class.getName())
                .should()
                .accessTargetWhere(accessTo(Mono.class, "block|blockOptional", ANY))
                .because("only tests and the start of the service, on the main thread, may wait"));
        banned(Flux.class, "blockFirst|blockLast|toIterable|toStream", ANY, "only tests may wait");
    }

    @Test
    void everyQueueHasABoundWrittenAtTheCall() {
        String bound = "a default bound is unbounded, or 256 of something";
        banned(Flux.class, "flatMap|flatMapSequential|flatMapDelayError|publishOn|parallel", 1, bound);
        banned(Flux.class, "onBackpressureBuffer|parallel", 0, bound);
        banned(Flux.class, "create|push", 1, bound);
        banned(ParallelFlux.class, "flatMap|runOn", 1, bound);
        banned(ParallelFlux.class, "flatMap", 2, bound + "; flatMap(mapper, delayError) too");
        banned(ParallelFlux.class, "sequential", 0, bound);
        banned(Sinks.UnicastSpec.class, "onBackpressureBuffer", 0, bound);
        banned(Sinks.MulticastSpec.class, "onBackpressureBuffer", 0, bound);
        banned(Sinks.MulticastReplaySpec.class, "all", 0, bound);
    }

    @Test
    void operatorsThatFailUnderLoadAreNotUsed() {
        banned(
                Flux.class,
                "bufferTimeout|windowTimeout",
                ANY,
                "overflows, or flushes half-empty, when the store is slow");
        banned(Flux.class, "groupBy", ANY, "deadlocks when there are more groups than concurrency");
        banned(Publisher.class, "onErrorContinue", ANY, "a failure of one event is a value");
    }

    @Test
    void debuggingAidsAreNotLeftIn() {
        banned(Publisher.class, "log", ANY, "costs every element");
        banned(Hooks.class, "onOperatorDebug", ANY, "costs every operator");
    }

    @Test
    void subscribeOnlyAtTheEdges() {
        check(noClasses()
                .that()
                .resideOutsideOfPackages("dev.sluice", "dev.sluice.listen..", "dev.sluice.store..")
                .should()
                .accessTargetWhere(accessTo(Publisher.class, "subscribe", ANY)));
    }

    @Test
    void noStandardStreamsAndNoFieldInjection() {
        check(NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS);
        check(NO_CLASSES_SHOULD_USE_FIELD_INJECTION);
    }

    /** Nothing outside of {@code stage} uses its subpackages, but for what the root needs to set it up. */
    private static ArchRule foldersOf(String stage, Class<?>... open) {
        String base = "dev.sluice." + stage;
        assertIsUsed(base + ".*..");
        Set<String> used = CLASSES.stream()
                .filter(each -> !each.getPackageName().startsWith(base))
                .flatMap(each -> each.getDirectDependenciesFromSelf().stream())
                .map(dependency -> dependency.getTargetClass().getName())
                .collect(Collectors.toSet());
        assertThat(List.of(open))
                .filteredOn(each -> !used.contains(each.getName()))
                .as("open, though nothing else uses it")
                .isEmpty();
        return noClasses()
                .that()
                .resideOutsideOfPackage(base + "..")
                .should()
                .dependOnClassesThat(resideInAPackage(base + ".*..").and(not(belongToAnyOf(open))));
    }

    private static ArchRule onlyIn(String dependency, String... packages) {
        assertIsUsed(dependency);
        return noClasses()
                .that()
                .resideOutsideOfPackages(packages)
                .should()
                .dependOnClassesThat()
                .resideInAPackage(dependency);
    }

    /** A package that was renamed must not switch its rule off. */
    private static void assertIsUsed(String dependency) {
        assertThat(CLASSES.stream().flatMap(each -> each.getDirectDependenciesFromSelf().stream()))
                .as("Something uses " + dependency)
                .anyMatch(each -> resideInAPackage(dependency).test(each.getTargetClass()));
    }

    private static void banned(Class<?> owner, String names, int parameters, String why) {
        check(noClasses()
                .should()
                .accessTargetWhere(accessTo(owner, names, parameters))
                .because(why));
    }

    /** Method references count as much as calls. */
    private static DescribedPredicate<JavaAccess<?>> accessTo(Class<?> owner, String names, int parameters) {
        String what = owner.getSimpleName() + "." + names + (parameters == ANY ? "" : "/" + parameters);
        return DescribedPredicate.describe(
                what,
                access -> access.getTarget() instanceof CodeUnitAccessTarget target
                        && target.getName().matches(names)
                        && target.getOwner().isAssignableTo(owner)
                        && (parameters == ANY || target.getRawParameterTypes().size() == parameters));
    }

    private static void check(ArchRule rule) {
        rule.check(CLASSES);
    }
}
