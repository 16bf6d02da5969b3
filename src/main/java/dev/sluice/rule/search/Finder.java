package dev.sluice.rule.search;

/** Finds in text what is to be redacted, in one pass. Remembers the last find; one instance a worker. */
public abstract class Finder {

    private int start;
    private int end;

    /**
     * Looks in {@code bytes[from, to)} from {@code at} on; what stands before {@code at} is only context.
     *
     * @return whether {@link #start} and {@link #end} are set to something that is not empty
     */
    public abstract boolean find(byte[] bytes, int from, int to, int at);

    /** Whether {@link #find} may find anything in the texts of which these are the pairs. Quick. */
    public boolean mayOccur(BytePairs pairs) {
        return true;
    }

    /** Whether one look at JSON text without escapes shows that none of its strings has anything. */
    public boolean isSurelyAbsent(byte[] bytes, int from, int to) {
        return !find(bytes, from, to, from);
    }

    /** What stands before the text that comes: in JSON the name of a value; nothing before other text. */
    public void context(byte[] bytes, int from, int to) {
        // most look at the text alone
    }

    /**
     * Of how many texts the rest was found as a whole since this was asked, because looking closer takes too much work.
     */
    public long takeTextsCutShort() {
        return 0;
    }

    final boolean found(int first, int after) {
        start = first;
        end = after;
        return true;
    }

    public final int start() {
        return start;
    }

    public final int end() {
        return end;
    }

    public static int indexOf(byte[] bytes, int from, int to, char wanted) {
        int i = from;
        while (i < to && bytes[i] != wanted) {
            i++;
        }
        return i;
    }
}
