package dev.sluice.protocol.line;

import dev.sluice.event.LogEvent;
import dev.sluice.text.Utf8;
import org.jspecify.annotations.Nullable;

/** Turns one line of clean text into one event. Keeps no state of its own. */
public interface TextDecoder {

    /**
     * Decodes {@code bytes[from, to)}, which {@link Utf8#isClean is clean}.
     *
     * @return null, or why there is no event; the flyweight then holds half of one
     */
    @Nullable
    Rejection decode(byte[] bytes, int from, int to, LogEvent event);
}
