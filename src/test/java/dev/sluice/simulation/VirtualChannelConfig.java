package dev.sluice.simulation;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.DefaultChannelConfig;
import java.util.HashMap;
import java.util.Map;

/** Takes every option: what the network makes of it is for the channel to say. */
final class VirtualChannelConfig extends DefaultChannelConfig {

    private final Map<ChannelOption<?>, Object> socketOptions = new HashMap<>();

    VirtualChannelConfig(Channel channel) {
        super(channel);
    }

    @Override
    @SuppressWarnings("unchecked")
    public <T> T getOption(ChannelOption<T> option) {
        return socketOptions.containsKey(option) ? (T) socketOptions.get(option) : super.getOption(option);
    }

    @Override
    public <T> boolean setOption(ChannelOption<T> option, T value) {
        if (!super.setOption(option, value)) {
            socketOptions.put(option, value);
        }
        return true;
    }
}
