package dev.sluice.event;

/**
 * The rules of one time, which a frame batch goes through from its first event to its last, whatever comes into force
 * meanwhile. Does not change; shared by all workers.
 */
public interface RuleSet {

    /** No rules at all. */
    RuleSet NONE = new RuleSet() {
        @Override
        public RowGrowth growth() {
            return RowGrowth.NONE;
        }

        @Override
        public RowEncoder before(RowEncoder encoder) {
            return encoder;
        }
    };

    /** By how much they may lengthen an event. */
    RowGrowth growth();

    /** The encoder with one worker's rules before it; without any, the encoder itself. */
    RowEncoder before(RowEncoder encoder);
}
