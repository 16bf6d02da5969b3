package dev.sluice.config;

import java.util.Comparator;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The property that somebody probably meant who wrote another one. */
final class NearestName {

    private static final Pattern LISTENER = Pattern.compile("sluice\\.listeners?\\.([^.\\[]+)\\..*");

    private NearestName() {}

    /** Of a name as it stands in a file or among arguments. */
    static String property(String name) {
        Matcher listener = LISTENER.matcher(name);
        String named = listener.matches() ? listener.group(1) : "main";
        return PropertyName.ALL.stream()
                .map(known -> known.named(named))
                .min(Comparator.comparingInt(known -> distance(name.toLowerCase(Locale.ROOT), known)))
                .orElseThrow();
    }

    /** Of a variable of the environment. */
    static String variable(String name) {
        return property(name.replace('_', '.').toLowerCase(Locale.ROOT))
                .replace("-", "")
                .replace('.', '_')
                .toUpperCase(Locale.ROOT);
    }

    /** Of the whole names, or little more than that of their last parts: who knows the part often misses its place. */
    private static int distance(String name, String known) {
        int ofLast = edits(last(name), last(known));
        int ofWhole = edits(name, known);
        return ofLast <= 1 ? Math.min(ofWhole, 2 + 2 * ofLast) : ofWhole;
    }

    private static String last(String name) {
        return name.substring(name.lastIndexOf('.') + 1);
    }

    /** How many letters to add, to take away, to replace or to swap with the next one. */
    private static int edits(String from, String to) {
        int[][] edits = new int[from.length() + 1][to.length() + 1];
        for (int i = 0; i <= from.length(); i++) {
            for (int j = 0; j <= to.length(); j++) {
                edits[i][j] = i == 0 || j == 0 ? i + j : edit(edits, from, to, i, j);
            }
        }
        return edits[from.length()][to.length()];
    }

    private static int edit(int[][] edits, String from, String to, int i, int j) {
        boolean isSame = from.charAt(i - 1) == to.charAt(j - 1);
        int least = Math.min(edits[i - 1][j - 1] + (isSame ? 0 : 1), 1 + Math.min(edits[i - 1][j], edits[i][j - 1]));
        boolean isSwapped =
                i > 1 && j > 1 && from.charAt(i - 1) == to.charAt(j - 2) && from.charAt(i - 2) == to.charAt(j - 1);
        return isSwapped ? Math.min(least, 1 + edits[i - 2][j - 2]) : least;
    }
}
