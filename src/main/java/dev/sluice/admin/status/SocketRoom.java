package dev.sluice.admin.status;

import static java.util.Objects.requireNonNull;

import io.netty.channel.Channel;
import java.util.concurrent.atomic.AtomicReference;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.http.server.reactive.ServerHttpResponseDecorator;
import reactor.netty.http.server.HttpServerResponse;

/**
 * Whether the client of a response reads what it is sent. Demand does not tell: Reactor Netty asks for 128 pieces of a
 * body ahead, and what a client does not read gathers in its channel.
 */
public final class SocketRoom {

    private final Channel channel;

    private SocketRoom(Channel channel) {
        this.channel = channel;
    }

    public static SocketRoom of(ServerHttpResponse response) {
        HttpServerResponse netty = ServerHttpResponseDecorator.getNativeResponse(response);
        AtomicReference<Channel> channel = new AtomicReference<>();
        netty.withConnection(connection -> channel.set(connection.channel()));
        return new SocketRoom(requireNonNull(channel.get()));
    }

    /** Whether less than 64 KB wait to be read. Any thread. */
    public boolean isThere() {
        return channel.isWritable();
    }
}
