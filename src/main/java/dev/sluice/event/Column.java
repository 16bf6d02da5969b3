package dev.sluice.event;

/** The columns that a decoder fills; all else of an event is an attribute. */
public enum Column {
    TIME(0),
    SEVERITY(1),
    FACILITY(2),
    HOST(3),
    APP(4),
    PROC_ID(5),
    MSG_ID(6),
    MESSAGE(7);

    static final int COUNT = 8;

    private final int place;

    Column(int place) {
        this.place = place;
    }

    int place() {
        return place;
    }
}
