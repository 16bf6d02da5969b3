package dev.sluice.store;

import dev.sluice.event.Rows;

/** What is known today of how dead letters are read. */
public interface ReplayDecoder {

    /** The longest frame of a listener; 0 when there is none of that name. */
    long frameBytesMax(String listener);

    /** The most bytes that decoding it takes beside its payload, what it becomes included. */
    long bytesMax(DeadLetter letter);

    /** What it becomes with the decoders and rules of today. */
    Rows decode(DeadLetter letter);
}
