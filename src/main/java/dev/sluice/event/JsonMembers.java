package dev.sluice.event;

import dev.sluice.text.JsonKeys;
import dev.sluice.text.JsonMember;
import java.util.Arrays;

/**
 * What a decoder notes of the members of one JSON object: that at hand, for each column the one that fills it, so that
 * it can still become an attribute when a better one comes, and the keys of those that are attributes. Reused.
 */
public final class JsonMembers {

    /** The rank of a column that nothing fills: any other is better. */
    public static final int EMPTY = Integer.MAX_VALUE;

    private final JsonMember[] ofColumns = new JsonMember[Column.COUNT];
    private final int[] ranks = new int[Column.COUNT];
    private final boolean[] kept = new boolean[Column.COUNT];
    private final JsonKeys attributeKeys = new JsonKeys();
    private final JsonMember spare = new JsonMember();
    private JsonMember current = new JsonMember();
    private boolean isCurrentKept;
    private boolean isMended;
    private boolean hasChannel;

    JsonMembers() {
        Arrays.setAll(ofColumns, column -> new JsonMember());
    }

    /** Forgets the object before. */
    public void clear() {
        Arrays.fill(ranks, EMPTY);
        attributeKeys.clear();
        isMended = false;
        hasChannel = false;
    }

    /** The member at hand. */
    public JsonMember current() {
        return current;
    }

    /** Another one, for looking into a value; nothing keeps it. */
    public JsonMember spare() {
        return spare;
    }

    /** Whether the value of the member at hand is among the attributes already. */
    public boolean isCurrentKept() {
        return isCurrentKept;
    }

    /** Sets whether the value of the member at hand is among the attributes already. */
    public void isCurrentKept(boolean isKept) {
        isCurrentKept = isKept;
    }

    /** The member that fills the column. */
    public JsonMember of(Column column) {
        return ofColumns[column.place()];
    }

    /** How good the name is of what fills the column, the lower the better; or {@link #EMPTY}. */
    public int rank(Column column) {
        return ranks[column.place()];
    }

    /** Whether the value that fills the column is among the attributes, too. */
    public boolean isKept(Column column) {
        return kept[column.place()];
    }

    /** What fills the column is no member of the object. */
    public void fill(Column column, int rank) {
        ranks[column.place()] = rank;
        kept[column.place()] = true;
    }

    /** The member at hand fills the column from now on. */
    public void fillByCurrent(Column column, int rank) {
        int place = column.place();
        JsonMember former = ofColumns[place];
        ofColumns[place] = current;
        ranks[place] = rank;
        kept[place] = isCurrentKept;
        current = former;
    }

    /** The keys of the members that became attributes. */
    public JsonKeys attributeKeys() {
        return attributeKeys;
    }

    /** Whether the object was no JSON, but clearly meant as one. */
    public boolean isMended() {
        return isMended;
    }

    /** The object was no JSON, but clearly meant as one. */
    public void mended() {
        isMended = true;
    }

    /** Whether there is a channel, as Monolog writes it. */
    public boolean hasChannel() {
        return hasChannel;
    }

    /** There is a channel, as Monolog writes it. */
    public void channel() {
        hasChannel = true;
    }
}
