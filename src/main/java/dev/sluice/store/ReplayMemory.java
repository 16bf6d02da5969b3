package dev.sluice.store;

/** The memory that replays may take beside what else there is. Any thread. */
public interface ReplayMemory {

    /** Of a process that does nothing else. */
    ReplayMemory ALL = new ReplayMemory() {
        @Override
        public boolean reserve(long bytes) {
            return true;
        }

        @Override
        public void release(long bytes) {}

        @Override
        public long limit() {
            return Long.MAX_VALUE;
        }
    };

    /** Takes so much, if there is room now. */
    boolean reserve(long bytes);

    /** Gives back what was taken. */
    void release(long bytes);

    /** More than this there is never room for. */
    long limit();
}
