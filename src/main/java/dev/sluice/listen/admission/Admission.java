package dev.sluice.listen.admission;

import dev.sluice.listen.netty.ReadDemand;
import dev.sluice.listen.report.ListenObserver.Refusal;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import java.net.InetAddress;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A connection on its way through the gates, as they see it. On the connection's event loop only. */
public interface Admission {

    /** Its channel. */
    Channel channel();

    /** Where it comes from, if that is known: the address of the socket, or what a proxy said. */
    @Nullable
    InetAddress address();

    /** A proxy says where it comes from. */
    void setAddress(InetAddress client);

    /** The shipper proved who it is: its certificate's name stands for its address as the source of its events. */
    void setSubject(String name);

    /** It counts as a connection of {@code admitted}. */
    void setSource(Sources.Source admitted);

    /** From here on {@code demand} says how much a read may take, until there is a shipper's connection. */
    void setDemand(ReadDemand demand);

    /** From here on it may take so long for the gates; longer is refused as {@code why}. */
    void setTimeLimit(Duration limit, Refusal why);

    /** The gate at hand waits for nothing but a first byte, for so long. */
    void setSilenceLimit(Duration limit);

    /** Puts a handler in front of the place where the shipper's connection will stand; it is the gate's to remove. */
    void putInFront(String name, ChannelHandler handler);

    /** Puts two of them there, in this order. */
    void putInFront(String name, ChannelHandler first, ChannelHandler second);

    /** It has passed the gate at hand. */
    void pass();

    /** Closes it, and counts why. */
    void refuse(Refusal why);
}
