package dev.sluice.rule.settings;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The configuration as text, as an operator wrote it: a tree of names, list places ({@code "0"}, {@code "1"}) and
 * values. Built once, then only read.
 */
public final class SettingTree {

    private final String path;
    private final Map<String, SettingTree> children = new LinkedHashMap<>();
    private @Nullable String value;

    /** An empty tree for the property {@code path}. */
    public SettingTree(String path) {
        this.path = path;
    }

    /** The branch called {@code name}, made when there is none. */
    public SettingTree name(String name) {
        return children.computeIfAbsent(name, made -> new SettingTree(path + "." + made));
    }

    /** The branch in a list, or under a name that was written in brackets. */
    public SettingTree place(String place) {
        return children.computeIfAbsent(place, made -> new SettingTree(path + "[" + made + "]"));
    }

    /** Sets the text that stands here. */
    public void value(String text) {
        value = text;
    }

    /** Whether nothing was written. */
    public boolean isEmpty() {
        return children.isEmpty() && value == null;
    }

    String path() {
        return path;
    }

    public Map<String, SettingTree> children() {
        return children;
    }

    @Nullable
    String value() {
        return value;
    }
}
