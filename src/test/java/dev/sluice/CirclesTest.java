package dev.sluice;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Classes that need each other in a circle are read as one: so a circle stays small. */
class CirclesTest {

    private static final int CLASSES_MAX = 9;

    private static final Map<String, Set<String>> USES = uses();

    @Test
    void noCircleOfClassesIsLarge() {
        assertThat(USES).hasSizeGreaterThan(300);
        Set<String> seen = new HashSet<>();
        List<Set<String>> large = new ArrayList<>();
        for (String name : USES.keySet()) {
            if (seen.add(name)) {
                Set<String> circle = circle(name);
                seen.addAll(circle);
                if (circle.size() > CLASSES_MAX) {
                    large.add(circle);
                }
            }
        }
        assertThat(large).isEmpty();
    }

    /** Those that {@code name} leads to and that lead back to it. */
    private static Set<String> circle(String name) {
        Set<String> circle = new TreeSet<>();
        for (String other : reachable(name)) {
            if (reachable(other).contains(name)) {
                circle.add(other);
            }
        }
        return circle;
    }

    private static Set<String> reachable(String from) {
        Set<String> found = new HashSet<>();
        List<String> next = new ArrayList<>(USES.get(from));
        while (!next.isEmpty()) {
            String each = next.removeLast();
            if (found.add(each)) {
                next.addAll(USES.get(each));
            }
        }
        return found;
    }

    /** By top-level classes: nested ones belong to theirs. */
    private static Map<String, Set<String>> uses() {
        Collection<JavaClass> all = new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests())
                .importPackages("dev.sluice");
        Map<String, Set<String>> uses = new TreeMap<>();
        for (JavaClass each : all) {
            Set<String> used = uses.computeIfAbsent(topLevel(each), name -> new TreeSet<>());
            for (Dependency dependency : each.getDirectDependenciesFromSelf()) {
                String other = topLevel(dependency.getTargetClass());
                if (other.startsWith("dev.sluice.") && !other.equals(topLevel(each))) {
                    used.add(other);
                }
            }
        }
        return uses;
    }

    private static String topLevel(JavaClass type) {
        String name = type.getBaseComponentType().getName();
        int nested = name.indexOf('$');
        return nested < 0 ? name : name.substring(0, nested);
    }
}
