package dev.sluice.store.database;

import java.time.Duration;

/** What came of asking a host whether it takes writes. */
sealed interface HostAnswer {

    /** It takes writes. */
    record Primary(Timeline timeline) implements HostAnswer {
        @Override
        public String toString() {
            return "it takes writes, " + timeline;
        }
    }

    /** It follows another one. */
    record Standby() implements HostAnswer {
        @Override
        public String toString() {
            return "it is a standby";
        }
    }

    /** It follows nobody, and yet its sessions may not write. */
    record ReadOnly() implements HostAnswer {
        @Override
        public String toString() {
            return "default_transaction_read_only is on";
        }
    }

    /** It refused, or could not be reached. */
    record Refused(Throwable error) implements HostAnswer {
        @Override
        public String toString() {
            return Reason.of(error);
        }
    }

    /** It hangs, or what lies between. */
    record Silent(Duration limit) implements HostAnswer {
        @Override
        public String toString() {
            return "no answer within " + limit.toMillis() + " ms";
        }
    }
}
