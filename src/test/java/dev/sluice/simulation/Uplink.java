package dev.sluice.simulation;

import io.netty.buffer.ByteBuf;

/** What a modelled shipper has of its connection. */
interface Uplink {

    void send(ByteBuf bytes);

    /** Bytes that Sluice has not read: who keeps to {@link Wire#WINDOW} waits for them. */
    int unread();

    /** From now on the shipper reads few bytes at a time, and not soon. */
    void readSlowly();

    /** It sends no more. */
    void endFar();

    /** It is gone without a word. */
    void reset();
}
