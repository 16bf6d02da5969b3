package dev.sluice.simulation;

import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import java.util.function.Supplier;
import reactor.netty.resources.LoopResources;

/** Gives what connects an event loop in virtual time, and in the place of a socket a channel of the simulation. */
record VirtualLoops(Supplier<VirtualLoop> loops, Supplier<VirtualChannel> sockets) implements LoopResources {

    @Override
    public EventLoopGroup onClient(boolean preferNative) {
        return loops.get();
    }

    @Override
    public EventLoopGroup onServer(boolean preferNative) {
        return loops.get();
    }

    @Override
    @SuppressWarnings("unchecked") // what asks for a socket takes any channel
    public <C extends Channel> C onChannel(Class<C> type, EventLoopGroup group) {
        return (C) sockets.get();
    }

    @Override
    @SuppressWarnings("unchecked")
    public <C extends Channel> Class<? extends C> onChannelClass(Class<C> type, EventLoopGroup group) {
        return (Class<? extends C>) (Class<?>) VirtualChannel.class;
    }
}
