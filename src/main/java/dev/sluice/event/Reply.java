package dev.sluice.event;

/**
 * What a shipper is told, as its protocol has it.
 *
 * @param acks how many acknowledgements it holds
 */
public record Reply(byte[] bytes, int acks) {

    /** Nothing is to be said. */
    public static final Reply NOTHING = new Reply(new byte[0], 0);

    /** Whether there is nothing to send. */
    public boolean isEmpty() {
        return bytes.length == 0;
    }
}
