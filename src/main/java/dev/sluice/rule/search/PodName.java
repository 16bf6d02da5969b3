package dev.sluice.rule.search;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.sluice.text.Ascii;
import dev.sluice.text.JsonWriter;
import dev.sluice.text.Slice;

/**
 * What the name of a Kubernetes pod says: {@code checkout-6d5f7c9b8d-x2x4z.shop} is a pod of the workload
 * {@code checkout} in the namespace {@code shop}. A TLS subject ({@code CN=...}) is read by its common name.
 */
public final class PodName {

    public static final byte[] ATTRIBUTE = "kubernetes".getBytes(US_ASCII);

    private static final byte[] POD = "pod".getBytes(US_ASCII);
    private static final byte[] WORKLOAD = "workload".getBytes(US_ASCII);
    private static final byte[] NAMESPACE = "namespace".getBytes(US_ASCII);
    private static final int NAMES_BYTES = 64;
    private static final int HASH_MAX = 10;
    private static final int HASH_MIN = 5;
    private static final int SUFFIX = 5;

    /** What Kubernetes makes random names of: no vowels, and no digits that look like some. */
    private static final String ALPHABET = "bcdfghjklmnpqrstvwxz2456789";

    private byte[] bytes = {};
    private int start;
    private int workloadEnd;
    private int podEnd;
    private int end;

    /** Whether it is the name of a pod. */
    public boolean read(Slice name) {
        bytes = name.array();
        start = name.offset();
        end = start + name.length();
        if (name.length() > 3 && bytes[start] == 'C' && bytes[start + 1] == 'N' && bytes[start + 2] == '=') {
            start += 3;
            end = Finder.indexOf(bytes, start, end, ',');
        }
        podEnd = Finder.indexOf(bytes, start, end, '.');
        end = podEnd == end ? end : Finder.indexOf(bytes, podEnd + 1, end, '.');
        int dash = dashBefore(podEnd);
        if (dash < 0) {
            return false;
        }
        if (isNumber(dash + 1, podEnd)) {
            workloadEnd = dash;
            return true;
        }
        int second = dashBefore(dash);
        workloadEnd = second >= 0 && isRandom(second + 1, dash, HASH_MIN, HASH_MAX) ? second : dash;
        return isRandom(dash + 1, podEnd, SUFFIX, SUFFIX);
    }

    private int dashBefore(int after) {
        int i = after - 1;
        while (i > start && bytes[i] != '-') {
            i--;
        }
        return i > start && i < after - 1 ? i : -1;
    }

    private boolean isNumber(int from, int to) {
        int i = from;
        while (i < to && Ascii.isDigit(bytes[i])) {
            i++;
        }
        return i == to && to - from < SUFFIX;
    }

    private boolean isRandom(int from, int to, int min, int max) {
        int i = from;
        while (i < to && ALPHABET.indexOf(bytes[i]) >= 0) {
            i++;
        }
        return i == to && to - from >= min && to - from <= max;
    }

    public int bytesMax() {
        return NAMES_BYTES + 2 * 6 * (end - start);
    }

    public void write(JsonWriter json) {
        json.key(ATTRIBUTE).open('{');
        json.key(POD).string(bytes, start, podEnd - start);
        json.key(WORKLOAD).string(bytes, start, workloadEnd - start);
        if (end > podEnd + 1) {
            json.key(NAMESPACE).string(bytes, podEnd + 1, end - podEnd - 1);
        }
        json.close('}');
    }
}
