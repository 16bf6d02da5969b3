package dev.sluice.rule.settings;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What an operator wrote for one rule or a part of it. Each value is asked for by its name; what nobody asked for is
 * unknown, and {@link #finish} says so. Mistakes are collected, not thrown, so that all are reported at once.
 */
public final class Settings {

    /** Of the expressions of all rules: some megabytes for each worker. */
    public static final int STEPS_MAX = 20_000;

    private static final Pattern PLACEHOLDER = Pattern.compile("\\$\\{[\\w.-]+}");

    private final SettingTree tree;
    private final Compilation compilation;
    private final Set<String> asked = new LinkedHashSet<>();

    public Settings(SettingTree tree, Compilation compilation) {
        this.tree = tree;
        this.compilation = compilation;
    }

    /** The name of the rule. */
    public String rule() {
        return compilation.rule();
    }

    public RuleEnvironment environment() {
        return compilation.environment();
    }

    /** Whether all expressions together are small enough with one of {@code steps} more. */
    public boolean takeSteps(long steps) {
        return compilation.takeSteps(steps, STEPS_MAX);
    }

    public boolean has(String key) {
        return find(key) != null;
    }

    /** The text of {@code key}, if it is there. */
    public Optional<String> text(String key) {
        SettingTree child = find(key);
        if (child == null) {
            return Optional.empty();
        }
        if (!child.children().isEmpty()) {
            error(key, "has parts, expected one value");
        }
        String value = value(child);
        return value == null || value.isEmpty() ? Optional.empty() : Optional.of(value);
    }

    /** One of some words, which may be written in any case. */
    public <T> Optional<T> word(String key, Map<String, T> words) {
        return text(key).flatMap(text -> word(key, text, words));
    }

    /** As {@link #word(String, Map)}, each of a list. */
    public <T> List<T> words(String key, Map<String, T> words) {
        return list(key).stream()
                .flatMap(text -> word(key, text, words).stream())
                .toList();
    }

    private <T> Optional<T> word(String key, String text, Map<String, T> words) {
        T meant = words.get(text.toLowerCase(Locale.ROOT));
        if (meant == null) {
            error(key, "is \"" + text + "\", expected one of " + String.join(", ", words.keySet()));
        }
        return Optional.ofNullable(meant);
    }

    /** A list of words: real list items, or one text with commas. */
    public List<String> list(String key) {
        return items(key).stream()
                .flatMap(item -> Arrays.stream(item.split(",")))
                .map(String::strip)
                .filter(item -> !item.isEmpty())
                .toList();
    }

    /** A list whose items may contain commas; a single item needs no list. */
    public List<String> items(String key) {
        SettingTree child = find(key);
        if (child == null) {
            return List.of();
        }
        List<String> items = new ArrayList<>();
        String single = value(child);
        if (single != null) {
            items.add(single);
        }
        inOrder(child).forEach((place, item) -> {
            if (isPlace(place) && item.children().isEmpty()) {
                items.add(Objects.requireNonNullElse(value(item), ""));
            } else {
                compilation.error(item.path(), "has no place in a list of values");
            }
        });
        return items;
    }

    /** Names and values; a point in a name is part of it. */
    public Map<String, String> map(String key) {
        Map<String, String> map = new LinkedHashMap<>();
        SettingTree child = find(key);
        if (child != null) {
            if (child.value() != null && !child.value().isEmpty()) {
                error(key, "is \"" + child.value() + "\", expected names with values, such as " + key + ".name: value");
            }
            flatten("", child, map);
        }
        return map;
    }

    private void flatten(String prefix, SettingTree tree, Map<String, String> map) {
        tree.children().forEach((name, child) -> {
            String value = value(child);
            if (value != null) {
                map.put(prefix + name, value);
            }
            flatten(prefix + name + ".", child, map);
        });
    }

    /** What stands under {@code key}; nothing when it is not there. */
    public Settings group(String key) {
        SettingTree child = find(key);
        return new Settings(child == null ? new SettingTree(tree.path() + "." + key) : child, compilation);
    }

    /** The items of a list whose items have parts. */
    public List<Settings> groups(String key) {
        SettingTree child = find(key);
        List<Settings> groups = new ArrayList<>();
        if (child != null) {
            inOrder(child).forEach((place, item) -> {
                if (isPlace(place)) {
                    groups.add(new Settings(item, compilation));
                } else {
                    compilation.error(
                            item.path(), "expected a list: " + key + "[0]." + place + ", in YAML a dash before it");
                }
            });
        }
        return groups;
    }

    /** The names that stand here. */
    Set<String> names() {
        return tree.children().keySet();
    }

    /** Notes a mistake in the value of {@code key}. */
    public void error(String key, String text) {
        SettingTree child = find(key);
        compilation.error(child == null ? tree.path() + "." + key : child.path(), text);
    }

    /** Notes a mistake in all of this. */
    public void error(String text) {
        compilation.error(tree.path(), text);
    }

    /** Notes what nobody asked for. */
    public void finish() {
        tree.children().forEach((name, child) -> {
            if (asked.stream().noneMatch(key -> isSame(key, name))) {
                compilation.error(
                        child.path(),
                        "is unknown, expected "
                                + (asked.isEmpty() ? "nothing here" : "one of " + String.join(", ", asked)));
            }
        });
    }

    private @Nullable SettingTree find(String key) {
        asked.add(key);
        for (Map.Entry<String, SettingTree> child : tree.children().entrySet()) {
            if (isSame(key, child.getKey())) {
                return child.getValue();
            }
        }
        return null;
    }

    /** Names are as relaxed as everywhere in Spring Boot: {@code hash-key}, {@code hashKey}, {@code HASHKEY}. */
    private static boolean isSame(String key, String written) {
        return plain(key).equalsIgnoreCase(plain(written));
    }

    private static String plain(String key) {
        return key.replace("-", "").replace("_", "");
    }

    /** Places by their number, whatever the order in which they were written; names before them. */
    private static Map<String, SettingTree> inOrder(SettingTree list) {
        Map<String, SettingTree> sorted =
                new TreeMap<>(Comparator.comparingInt((String place) -> isPlace(place) ? place.length() : 0)
                        .thenComparing(place -> place));
        sorted.putAll(list.children());
        return sorted;
    }

    /** The text that stands in {@code child}; a reference to nothing would be taken for a text. */
    private @Nullable String value(SettingTree child) {
        String value = child.value();
        Matcher unset = PLACEHOLDER.matcher(value == null ? "" : value);
        if (unset.find()) {
            compilation.error(child.path(), "refers to " + unset.group() + ", which is not set");
        }
        return value;
    }

    private static boolean isPlace(String name) {
        return !name.isEmpty() && name.chars().allMatch(c -> c >= '0' && c <= '9');
    }
}
