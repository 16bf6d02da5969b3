package dev.sluice.listen.admission;

import dev.sluice.listen.report.ListenObserver.Refusal;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.CodecException;
import io.netty.handler.codec.haproxy.HAProxyMessage;
import io.netty.handler.codec.haproxy.HAProxyMessageDecoder;
import io.netty.handler.codec.haproxy.HAProxyProtocolException;
import io.netty.handler.codec.haproxy.HAProxyProxiedProtocol.AddressFamily;
import java.net.InetAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Learns from the header of a proxy, version 1 or 2, where a connection comes from. A proxy's own connection, such as
 * its health check, and one of which it knows nothing keep the address of the socket.
 *
 * @param proxies the networks of the proxies that are believed; empty believes every peer
 */
public record ProxyGate(List<Network> proxies) implements Gate {

    /** Room for what may follow the addresses in version 2: names, ids, what was seen of TLS. Not used here. */
    static final int EXTRA_BYTES_MAX = 1024;

    /**
     * The longest header of version 2 and the read that it ends in are 1768 bytes; Netty gathers them in a buffer whose
     * size is a power of two.
     */
    public static final int HELD_BYTES_MAX = 2048;

    private static final String DECODER = "sluice.proxy";

    @Override
    public void meet(Admission connection) {
        Refusal refusal = refusalOf(connection.address());
        if (refusal == null) {
            connection.putInFront(DECODER, new HAProxyMessageDecoder(EXTRA_BYTES_MAX), new Header(connection));
        } else {
            connection.refuse(refusal);
        }
    }

    @Override
    public @Nullable Refusal refusalOf(@Nullable InetAddress proxy) {
        boolean isTrusted =
                proxies.isEmpty() || (proxy != null && proxies.stream().anyMatch(network -> network.contains(proxy)));
        return isTrusted ? null : Refusal.PROXY_NOT_TRUSTED;
    }

    /** Takes the header; what came after it follows when the decoder leaves the channel. */
    private static final class Header extends SimpleChannelInboundHandler<HAProxyMessage> {
        private final Admission connection;

        Header(Admission connection) {
            this.connection = connection;
        }

        @Override
        protected void channelRead0(ChannelHandlerContext context, HAProxyMessage header) {
            InetAddress client = client(header);
            if (client != null) {
                connection.setAddress(client);
            }
            context.pipeline().remove(this);
            connection.pass();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            if (cause instanceof CodecException) {
                connection.refuse(Refusal.PROXY_HEADER);
            } else {
                context.fireExceptionCaught(cause);
            }
        }

        private static @Nullable InetAddress client(HAProxyMessage header) {
            AddressFamily family = header.proxiedProtocol().addressFamily();
            String address = header.sourceAddress();
            if (address == null || (family != AddressFamily.AF_IPv4 && family != AddressFamily.AF_IPv6)) {
                return null;
            }
            if (address.indexOf('%') >= 0) { // of IPv6: it names an interface of the proxy's machine, not of this one
                throw new HAProxyProtocolException("the address has a zone");
            }
            return InetAddress.ofLiteral(address);
        }
    }
}
